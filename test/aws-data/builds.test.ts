import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Build, checkProvenance, type ExpectedBuild } from '../../src/core/scanning/provenance';
import { sha256Of } from '../../src/core/text/sha256';
import { IMAGE, scanId } from '../core/support/made';

/**
 * The records of builds in the examples of the AWS CLI 1.46.3 (awscli/examples/codebuild, Apache-2.0), as
 * they are there: what AWS itself shows of BatchGetBuilds and of calls that answer with a build.
 */
function example(file: string): any[] {
  const text = readFileSync(join(__dirname, 'aws-cli', `${file}.json`), 'utf8');
  const answer = JSON.parse(text) as { builds?: object[]; build?: object };
  return answer.builds ?? [answer.build];
}

const RECORDS = ['batch-get-builds', 'start-build', 'stop-build', 'retry-build'].flatMap(file =>
  example(file).map((record, at) => [`${file} ${at}`, record] as const),
);
const ASKED = { scanId: scanId(1), image: IMAGE, reference: 'reference' };

/** As dispatch overrides a build of this record, where the record shows only what the project says. */
function ofDispatch(record: any): any {
  const { environment, artifacts, source } = record;
  return {
    ...record,
    source: { ...source, buildspec: 'version: 0.2' },
    artifacts: { ...artifacts, location: `arn:aws:s3:::evidence/incoming/${ASKED.scanId}` },
    environment: {
      ...environment,
      environmentVariables: [
        { name: 'SCAN_ID', value: ASKED.scanId, type: 'PLAINTEXT' },
        { name: 'IMAGE', value: ASKED.image, type: 'PLAINTEXT' },
        { name: 'IMAGE_REFERENCE', value: ASKED.reference, type: 'PLAINTEXT' },
      ],
    },
  };
}

/** What the template would say of the project of this record. */
function expected({ environment, projectName, serviceRole, source }: any): ExpectedBuild {
  return {
    project: projectName,
    serviceRole,
    image: environment.image,
    environmentType: environment.type,
    computeType: environment.computeType,
    privileged: environment.privilegedMode,
    buildspecSha256: sha256Of('version: 0.2'),
    sourceLocation: source.location ?? '',
    revision: 'revision-1',
    uploadsBucketArn: 'arn:aws:s3:::evidence',
    variables: {},
  };
}

const fields = (record: any, as = record) =>
  checkProvenance(Build.parse(record), expected(as), ASKED).map(({ field }) => field);

test.each(RECORDS)('the record of %s is read whole (rule 5.2, provenance)', (_, record) => {
  expect(Build.parse(record)).toMatchObject({
    id: record.id,
    projectName: record.projectName,
    buildStatus: record.buildStatus,
    serviceRole: record.serviceRole,
    environment: {
      type: record.environment.type,
      image: record.environment.image,
      computeType: record.environment.computeType,
    },
    source: { type: record.source.type },
  });
});

test.each(RECORDS.filter(([, { source }]) => source.type === 'S3'))(
  'nothing that AWS adds to the record of %s makes a build of ours a forgery (rule 5.2, provenance)',
  (_, record) => {
    expect(fields(ofDispatch(record))).toEqual([]);
  },
);

test.each(RECORDS)('the build of %s, which nobody asked for, is none of ours', (_, record) => {
  expect(fields(record)).toEqual(expect.arrayContaining(['environment.environmentVariables']));
});

test.each<[string, (record: any) => any, string]>([
  [
    'another image',
    record => ({ ...record, environment: { ...record.environment, image: 'x' } }),
    'environment.image',
  ],
  ['another role', record => ({ ...record, serviceRole: 'arn:aws:iam::123456789012:role/x' }), 'serviceRole'],
  [
    'a source of somebody',
    record => ({ ...record, source: { ...record.source, location: 'x/y.zip' } }),
    'source.location',
  ],
  ['a second source', record => ({ ...record, secondarySources: [{ type: 'S3' }] }), 'secondarySources'],
  ['a cache', record => ({ ...record, cache: { type: 'S3' } }), 'cache'],
])('%s in the record of stop-build is found (rule 5.2, provenance)', (_, change, field) => {
  const record = ofDispatch(example('stop-build')[0]);
  expect(fields(change(record), record)).toEqual([field]);
});

test('a record with a property of another type is refused', () => {
  const [record] = example('stop-build');
  expect(Build.safeParse({ ...record, buildComplete: 'true' }).success).toBe(false);
});
