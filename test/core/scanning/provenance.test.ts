import { createHash } from 'node:crypto';
import {
  Build,
  checkProvenance,
  differencesText,
  namedByBuild,
  exportedChecksum,
  type ExpectedBuild,
} from '../../../src/core/scanning/provenance';
import { IMAGE, scanId } from '../support/made';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const BUILDSPEC = '{"version":"0.2"}';
const EXPECTED: ExpectedBuild = {
  project: 'scans',
  serviceRole: 'arn:aws:iam::000000000000:role/scans',
  image: `public.ecr.aws/aquasecurity/trivy@sha256:${'7'.repeat(64)}`,
  environmentType: 'LINUX_CONTAINER',
  computeType: 'BUILD_GENERAL1_SMALL',
  privileged: false,
  buildspecSha256: sha256(BUILDSPEC),
  sourceLocation: 'assets/reader.zip',
  uploadsBucketArn: 'arn:aws:s3:::evidence',
  revision: 'revision-1',
  variables: { MIRROR: 'mirror.example' },
};
const ASKED = {
  scanId: scanId(1),
  image: IMAGE,
  reference: '000000000000.dkr.ecr.us-east-1.amazonaws.com/team/app@sha256:a',
};
const VARIABLES = [
  { name: 'MIRROR', value: 'mirror.example', type: 'PLAINTEXT' },
  { name: 'SCAN_ID', value: ASKED.scanId, type: 'PLAINTEXT' },
  { name: 'IMAGE', value: ASKED.image, type: 'PLAINTEXT' },
  { name: 'IMAGE_REFERENCE', value: ASKED.reference, type: 'PLAINTEXT' },
];

/** As BatchGetBuilds describes the build that dispatch started. */
const FAITHFUL: Build = {
  id: 'scans:12345678-1234-1234-1234-123456789012',
  projectName: EXPECTED.project,
  buildStatus: 'SUCCEEDED',
  buildComplete: true,
  serviceRole: EXPECTED.serviceRole,
  source: { type: 'S3', location: EXPECTED.sourceLocation, buildspec: BUILDSPEC },
  secondarySources: [],
  secondaryArtifacts: [],
  fileSystemLocations: [],
  debugSession: { sessionEnabled: false },
  cache: { type: 'NO_CACHE' },
  artifacts: { location: `arn:aws:s3:::evidence/incoming/${ASKED.scanId}` },
  environment: {
    type: EXPECTED.environmentType,
    image: EXPECTED.image,
    computeType: EXPECTED.computeType,
    privilegedMode: false,
    environmentVariables: VARIABLES,
  },
  exportedEnvironmentVariables: [{ name: 'SUMS_SHA256', value: 'f'.repeat(64) }],
};

const check = (build: Build) => checkProvenance(Build.parse(build), EXPECTED, ASKED);
const differences = (build: Build) => check(build).map(({ field }) => field);
const environment = (changes: object): Build => ({
  ...FAITHFUL,
  environment: { ...FAITHFUL.environment, ...changes },
});
const source = (changes: object): Build => ({ ...FAITHFUL, source: { ...FAITHFUL.source, ...changes } });
const variables = (...environmentVariables: object[]) => environment({ environmentVariables });
const [MIRROR, ...OWN] = VARIABLES;

describe('a build that is ours (rule 5.2, provenance)', () => {
  test('as it was synthesised and asked for', () => {
    expect(differences(FAITHFUL)).toEqual([]);
  });

  test.each<[string, Build]>([
    [
      'without the lists that are empty',
      {
        ...FAITHFUL,
        secondarySources: undefined,
        secondaryArtifacts: undefined,
        fileSystemLocations: undefined,
        debugSession: undefined,
        cache: undefined,
      },
    ],
    ['with its variables in another order', variables(...[...VARIABLES].reverse())],
    ['whose variables say no type', variables(...VARIABLES.map(({ name, value }) => ({ name, value })))],
    ['that failed, and so uploaded nothing', { ...FAITHFUL, buildStatus: 'FAILED', artifacts: {} }],
    [
      'that failed, and names an empty folder',
      { ...FAITHFUL, buildStatus: 'FAILED', artifacts: { location: '' } },
    ],
    ['that does not say whether it is privileged', environment({ privilegedMode: undefined })],
    [
      'whose folder ends with a slash',
      { ...FAITHFUL, artifacts: { location: `arn:aws:s3:::evidence/incoming/${ASKED.scanId}/` } },
    ],
    [
      "whose source is named by its ARN, as in AWS's example of BatchGetBuilds",
      source({ location: `arn:aws:s3:::${EXPECTED.sourceLocation}` }),
    ],
    ['whose buildspec ends with a line feed', source({ buildspec: `${BUILDSPEC}\n` })],
    [
      'with empty texts and objects for what is not set',
      {
        ...environment({ certificate: '', registryCredential: {}, fleet: {}, dockerServer: {} }),
        buildBatchArn: '',
        debugSession: {},
        cache: { type: '' },
      },
    ],
  ])('%s', (_, build) => {
    expect(differences(build)).toEqual([]);
  });
});

describe('a build with an override is not', () => {
  test.each<[string, Build]>([
    ['projectName', { ...FAITHFUL, projectName: 'other' }],
    ['serviceRole', { ...FAITHFUL, serviceRole: 'arn:aws:iam::000000000000:role/other' }],
    ['environment.image', environment({ image: EXPECTED.image.replace('7', '8') })],
    ['environment.image', environment({ image: 'public.ecr.aws/aquasecurity/trivy:latest' })],
    ['environment.type', environment({ type: 'ARM_CONTAINER' })],
    ['environment.computeType', environment({ computeType: 'BUILD_GENERAL1_2XLARGE' })],
    ['environment.privilegedMode', environment({ privilegedMode: true })],
    ['environment.certificate', environment({ certificate: 'bucket/ca.pem' })],
    [
      'environment.registryCredential',
      environment({ registryCredential: { credential: 'x', credentialProvider: 'SECRETS_MANAGER' } }),
    ],
    [
      'environment.fleet',
      environment({ fleet: { fleetArn: 'arn:aws:codebuild:us-east-1:000000000000:fleet/mine:1' } }),
    ],
    ['environment.dockerServer', environment({ dockerServer: { computeType: 'BUILD_GENERAL1_SMALL' } })],
    ['source.type', source({ type: 'NO_SOURCE' })],
    ['source.location', source({ location: 'bucket/source.zip' })],
    ['source.location', source({ location: 'arn:aws:s3:::bucket/source.zip' })],
    ['source.location', source({ location: `arn:aws:s3:::arn:aws:s3:::${EXPECTED.sourceLocation}` })],
    ['source.location', source({ location: `https://${EXPECTED.sourceLocation}` })],
    ['source.buildspec', source({ buildspec: `${BUILDSPEC} ` })],
    ['source.buildspec', source({ buildspec: `${BUILDSPEC}\n\n` })],
    ['source.buildspec', source({ buildspec: undefined })],
    ['secondarySources', { ...FAITHFUL, secondarySources: [{}] }],
    ['secondaryArtifacts', { ...FAITHFUL, secondaryArtifacts: [{}] }],
    ['fileSystemLocations', { ...FAITHFUL, fileSystemLocations: [{}] }],
    [
      'buildBatchArn',
      { ...FAITHFUL, buildBatchArn: 'arn:aws:codebuild:us-east-1:000000000000:build-batch/x' },
    ],
    ['debugSession', { ...FAITHFUL, debugSession: { sessionEnabled: true } }],
    ['cache', { ...FAITHFUL, cache: { type: 'S3' } }],
    [
      'artifacts.location',
      { ...FAITHFUL, artifacts: { location: `arn:aws:s3:::other/incoming/${ASKED.scanId}` } },
    ],
    [
      'artifacts.location',
      { ...FAITHFUL, artifacts: { location: `arn:aws:s3:::evidence/incoming/${scanId(2)}` } },
    ],
    [
      'artifacts.location',
      { ...FAITHFUL, artifacts: { location: `arn:aws:s3:::evidence/incoming/${ASKED.scanId}/more` } },
    ],
    ['artifacts.location', { ...FAITHFUL, artifacts: undefined }],
    ['artifacts.location', { ...FAITHFUL, artifacts: { location: '' } }],
  ])('%s', (field, build) => {
    expect(differences(build)).toEqual([field]);
  });

  test.each<[string, Build]>([
    [
      'a variable more',
      variables(...VARIABLES, { name: 'TRIVY_IGNOREFILE', value: '/x', type: 'PLAINTEXT' }),
    ],
    ['a variable less', variables(...OWN)],
    ['no variables', environment({ environmentVariables: undefined })],
    ['one of ours with another value', variables({ ...MIRROR, value: 'mirror.evil' }, ...OWN)],
    ['one of ours from the parameter store', variables({ ...MIRROR, type: 'PARAMETER_STORE' }, ...OWN)],
    ['one twice, and another missing', variables(MIRROR, MIRROR, ...OWN.slice(1))],
    ['one twice', variables(MIRROR, ...VARIABLES)],
    ['the scan id of another', variables(MIRROR, { ...OWN[0], value: scanId(2) }, ...OWN.slice(1))],
    ['another image', variables(MIRROR, OWN[0], { ...OWN[1], value: IMAGE.replace('app', 'other') }, OWN[2])],
    ['another reference', variables(MIRROR, OWN[0], OWN[1], { ...OWN[2], value: 'evil.example/x' })],
    [
      'a name that takes over the start of its value',
      variables({ ...MIRROR, name: 'MIRROR="mirror', value: 'example' }, ...OWN),
    ],
    ["a name of Object's for one of ours", variables({ ...MIRROR, name: 'constructor' }, ...OWN)],
  ])('environment.environmentVariables: %s', (_, build) => {
    expect(differences(build)).toEqual(['environment.environmentVariables']);
  });

  test('all that differs is named', () => {
    expect(
      differences({
        ...environment({ privilegedMode: true }),
        projectName: 'other',
        cache: { type: 'LOCAL' },
      }),
    ).toEqual(['projectName', 'environment.privilegedMode', 'cache']);
  });
});

describe('a difference says what is given and what was expected', () => {
  test.each<[string, Build]>([
    [`projectName is "other", expected "scans"`, { ...FAITHFUL, projectName: 'other' }],
    ['environment.privilegedMode is true, expected false', environment({ privilegedMode: true })],
    [
      'environment.registryCredential is {"credential":"x"}, expected none',
      environment({ registryCredential: { credential: 'x' } }),
    ],
    [
      'environment.environmentVariables is MIRROR="evil", MORE="1" (PARAMETER_STORE), expected MIRROR="mirror.example"',
      variables({ ...MIRROR, value: 'evil' }, ...OWN, { name: 'MORE', value: '1', type: 'PARAMETER_STORE' }),
    ],
    [
      `source.buildspec is SHA-256 ${sha256('other')}, expected SHA-256 ${sha256(BUILDSPEC)}`,
      source({ buildspec: 'other' }),
    ],
    [
      `artifacts.location is none, expected "arn:aws:s3:::evidence/incoming/${ASKED.scanId}"`,
      { ...FAITHFUL, artifacts: {} },
    ],
    [
      'projectName is "other", expected "scans"; cache is "LOCAL", expected "NO_CACHE"',
      { ...FAITHFUL, projectName: 'other', cache: { type: 'LOCAL' } },
    ],
  ])('%s', (text, build) => {
    expect(differencesText(check(build))).toBe(text);
  });

  test('in one line, and cut', () => {
    const text = differencesText(
      check(
        variables(
          ...VARIABLES,
          ...Array.from({ length: 50 }, (_, at) => ({ name: `A${at}`, value: 'x\n'.repeat(500) })),
        ),
      ),
    );
    expect(text).not.toContain('\n');
    expect(text.length).toBeLessThanOrEqual(1000);
    expect(differencesText(check({ ...FAITHFUL, projectName: 'x'.repeat(5000) }))).toMatch(
      /^projectName is "x+…", expected "scans"$/,
    );
  });
});

describe('what a build says of itself', () => {
  test('which scan and image it is for, as a hint', () => {
    expect(namedByBuild(FAITHFUL)).toEqual({ scanId: ASKED.scanId, image: IMAGE });
  });

  test.each<[string, Build]>([
    ['no variables', environment({ environmentVariables: undefined })],
    ['no image', variables(MIRROR, OWN[0])],
    ['an image by tag', variables(OWN[0], { ...OWN[1], value: 'team/app:latest' })],
    ['a scan id that is a path', variables({ ...OWN[0], value: '../../verdicts' }, OWN[1])],
  ])('nothing with %s', (_, build) => {
    expect(namedByBuild(build)).toBeUndefined();
  });

  test('the checksum of its checksums', () => {
    expect(exportedChecksum(FAITHFUL)).toBe('f'.repeat(64));
    expect(
      exportedChecksum({ ...FAITHFUL, exportedEnvironmentVariables: [{ name: 'OTHER', value: 'x' }] }),
    ).toBeUndefined();
    expect(exportedChecksum({ ...FAITHFUL, exportedEnvironmentVariables: undefined })).toBeUndefined();
  });
});
