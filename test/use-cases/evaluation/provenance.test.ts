import { gzipSync } from 'node:zlib';
import { IncomingFile, incomingKey } from '../../../src/core/evidence/evidence-keys';
import { PROBE_IDS } from '../../../src/core/ids';
import { imageOf, type ImageName } from '../../../src/core/image/image';
import type { Build } from '../../../src/core/scanning/provenance';
import { referenceOf, World } from '../world';
import { storedImage, trivyReport } from '../world/zoo';

let world: World;
let image: ImageName;

beforeEach(() => {
  world = new World();
  image = world.has('clean');
});

describe('rule 5.2, provenance: a build is believed only if it is exactly ours', () => {
  const FORGED: readonly (readonly [
    string,
    (build: { -readonly [Key in keyof Build]: Build[Key] }) => void,
  ])[] = [
    ['projectName', build => (build.projectName = 'other')],
    ['serviceRole', build => (build.serviceRole = 'arn:aws:iam::000000000000:role/other')],
    ['environment.image', build => (build.environment.image = `other@sha256:${'7'.repeat(64)}`)],
    ['environment.type', build => (build.environment.type = 'ARM_CONTAINER')],
    ['environment.computeType', build => (build.environment.computeType = 'BUILD_GENERAL1_LARGE')],
    ['environment.privilegedMode', build => (build.environment.privilegedMode = true)],
    ['environment.certificate', build => (build.environment.certificate = 'bucket/certificate.pem')],
    ['environment.registryCredential', build => (build.environment.registryCredential = { credential: 'x' })],
    [
      'environment.fleet',
      build =>
        (build.environment.fleet = { fleetArn: 'arn:aws:codebuild:us-east-1:000000000000:fleet/other' }),
    ],
    ['environment.dockerServer', build => (build.environment.dockerServer = { computeType: 'x' })],
    [
      'environment.environmentVariables',
      build =>
        build.environment.environmentVariables!.push({
          name: 'TRIVY_SKIP_DB_UPDATE',
          value: 'true',
          type: 'PLAINTEXT',
        }),
    ],
    [
      'environment.environmentVariables',
      build => (build.environment.environmentVariables![2]!.type = 'PARAMETER_STORE'),
    ],
    [
      'environment.environmentVariables',
      build => (build.environment.environmentVariables![2]!.value = 'example.com/other@sha256:0'),
    ],
    ['source.type', build => (build.source.type = 'NO_SOURCE')],
    ['source.location', build => (build.source.location = 'bucket/source.zip')],
    ['source.buildspec', build => (build.source.buildspec = 'version: "0.2"\nphases: {}')],
    ['secondarySources', build => (build.secondarySources = [{}])],
    ['secondaryArtifacts', build => (build.secondaryArtifacts = [{}])],
    ['fileSystemLocations', build => (build.fileSystemLocations = [{}])],
    [
      'buildBatchArn',
      build => (build.buildBatchArn = 'arn:aws:codebuild:us-east-1:000000000000:build-batch/scans:1'),
    ],
    ['debugSession', build => (build.debugSession = { sessionEnabled: true })],
    ['cache', build => (build.cache = { type: 'S3' })],
    ['artifacts.location', build => (build.artifacts = { location: 'arn:aws:s3:::evidence/incoming/other' })],
  ];

  test.each(FORGED)(
    'a difference in %s is a failed scan PROVENANCE that is not retried; the verdict stands',
    async (field, forge) => {
      const build = await world.renewing(image);
      const { verdict } = world.row(image);
      world.endBuilds();
      world.builds.change(build, forge);
      await world.settle();

      expect(world.row(image)).toMatchObject({
        verdict,
        lastFailedScan: {
          cause: 'PROVENANCE',
          detail: expect.stringMatching(
            new RegExp(`asked for: .*${field.replace('.', '\\.')} is .+, expected `),
          ),
        },
      });
      expect(world.row(image).lastFailedScan).not.toHaveProperty('retryAt');
      expect(world.failures(image)).toEqual(['PROVENANCE']);
      expect(world.buildsOf(image)).toBe(2);
    },
  );

  test('a build that was under way while the scanner was deployed anew is no forgery: it is tried again', async () => {
    const build = await world.renewing(image);
    const { lease, ...row } = world.row(image);
    world.register.rows.set(image, { ...row, lease: { ...lease!, buildRevision: 'revision-0' } });
    world.endBuilds();
    world.builds.change(build, each => (each.source.buildspec = 'version: "0.2" # of yesterday'));
    await world.settle();

    expect(world.failures(image)).toEqual(['SCANNER_CHANGED']);
    expect(world.row(image)).toMatchObject({ verdict: { outcome: 'PASS', scanSeq: 3 } });
    expect(world.row(image)).not.toHaveProperty('lastFailedScan');
  });

  test.each([true, false])(
    'a build of somebody else, with a scan id of its own (differs: %s), changes nothing',
    async differs => {
      await world.passed(image);
      const before = world.row(image);
      const build = world.builds.add({
        scanId: '01JDGZFFFFFFFFFFFFFFFFFFFF',
        image,
        reference: referenceOf(image),
      });
      if (differs) world.builds.change(build, each => (each.source.buildspec = 'phases: {}'));
      world.finds(image, 'fixable-critical');
      await world.settle();

      expect(world.row(image)).toEqual(before);
      expect(world.failures(image)).toEqual(differs ? ['PROVENANCE'] : []);
    },
  );

  test('a second build with the scan id of the first is published as a forgery, and the first is judged', async () => {
    world.push(image, 'v1');
    await world.settle({ minutes: 1 });
    const [build] = world.builds.builds;
    world.builds.seconds = 5;
    world.builds.add({ scanId: scanIdOf(build!), image, reference: referenceOf(image) });
    await world.settle({ minutes: 0.2 });
    expect(world.failures(image)).toEqual(['PROVENANCE']);
    expect(world.row(image).lease).toMatchObject({ buildId: build!.id });
    expect(world.slotsTaken).toBe(1);

    await world.settle();
    expect(world.outcome(image)).toBe('PASS');
    expect(
      world.evidence.json(world.evidence.keys('scans/').find(key => key.endsWith('scan.json'))!),
    ).toMatchObject({ buildId: build!.id });
  });

  test('a report and its checksums, both overwritten after the build, are not believed: the build exported another checksum', async () => {
    world.finds(image, 'fixable-critical');
    world.push(image, 'v1');
    await world.settle({ minutes: 1 });
    world.endBuilds();
    const scanId = scanIdOf(world.builds.builds[0]!);
    const exported = world.builds.builds[0]!.exportedEnvironmentVariables;
    world.finds(image, 'clean');
    // writes a whole upload over the first
    world.builds.add({ scanId, image, reference: referenceOf(image) });
    world.endBuilds();
    world.results.messages.splice(-1);
    await world.settle({ minutes: 1 });

    expect(exported).toEqual(world.builds.builds[0]!.exportedEnvironmentVariables);
    expect(world.row(image)).toMatchObject({
      lastFailedScan: { cause: 'PROVENANCE', detail: 'SHA256SUMS is not the one that the build exported' },
    });
    expect(world.row(image)).not.toHaveProperty('verdict');
  });

  test('a build that ends before dispatch has confirmed it waits until its id is in the scan lease', async () => {
    world.dies = true;
    world.push(image, 'v1');
    world.interruptions.crashAtCalls(7); // StartBuild arrived, its answer did not
    world.builds.seconds = 5;
    await world.settle({ minutes: 0.1 });
    expect(world.row(image).lease).not.toHaveProperty('buildId');
    expect(world.outcomes.at(-1)).toMatchObject({
      deferSeconds: 5,
      why: 'dispatch is about to confirm the build',
    });

    await world.settle();
    expect(world.outcome(image)).toBe('PASS');
    expect(world.buildsOf(image)).toBe(1);
  });

  test('the build of a probe is the business of its deployment, whatever it looks like', async () => {
    const build = world.builds.add({
      scanId: `${PROBE_IDS}FFFFFFFFFFFFFFFF`,
      image,
      reference: referenceOf(image),
    });
    world.builds.change(build, each => (each.source.buildspec = 'phases: {}'));
    world.finds(image, 'clean');
    await world.settle();
    expect(world.outcomes).toEqual([expect.objectContaining({ done: 'ignored: the build of a probe' })]);
    expect(world.failures(image)).toEqual([]);
    expect(world.outcome(image)).toBeUndefined();
  });

  test("a build without our variables is nobody's", async () => {
    const build = world.builds.add({ scanId: 'x', image: 'y', reference: 'z' });
    world.finds('y', { status: 'SUCCEEDED' });
    await world.settle();
    expect(world.outcomes).toEqual([
      { done: `the build ${build.id} names no image and scan: nobody asked for it`, cause: 'PROVENANCE' },
    ]);
  });

  test('a build that CodeBuild does not know is poison', async () => {
    world.results.put({ version: 1, buildId: 'scans:00000000-0000-4000-8000-00000000ffff' });
    await world.settle();
    expect(world.results.dead).toEqual([
      expect.objectContaining({ why: expect.stringMatching(/^CodeBuild knows no build/) }),
    ]);
  });

  test.each([
    IncomingFile.form,
    IncomingFile.report,
    IncomingFile.run,
    IncomingFile.version,
    IncomingFile.errors,
    IncomingFile.checksums,
  ])('%s, overwritten after the build, is not believed', async file => {
    world.finds(image, 'fixable-critical');
    world.push(image, 'v1');
    await world.settle({ minutes: 1 });
    world.endBuilds();
    const scanId = scanIdOf(world.builds.builds[0]!);
    world.uploads.put(
      incomingKey(scanId, file),
      file === IncomingFile.report ? gzipSync(JSON.stringify(trivyReport('clean'))) : 'other',
    );
    await world.settle();

    expect(world.row(image)).toMatchObject({ lastFailedScan: { cause: 'PROVENANCE' } });
    expect(world.row(image)).not.toHaveProperty('verdict');
  });

  test('rule 5.9, what was scanned is what runs: a normal form of another image is not believed, whether the image or its config is another', async () => {
    const clean = world.has('clean');
    const form = {
      version: 2,
      image: imageOf(clean).digest,
      config: storedImage('clean').manifest.config.digest,
      normalConfig: trivyReport('clean').Metadata.ImageID,
      platform: { os: 'linux', architecture: 'amd64' },
      javaArchives: false,
      diffIds: [],
      secrets: [],
      layers: [],
    };
    for (const change of [
      { image: storedImage('root').digest },
      { config: storedImage('root').manifest.config.digest },
    ]) {
      world = new World();
      image = world.has('clean');
      world.builds.uploads = { [IncomingFile.form]: JSON.stringify({ ...form, ...change }) };
      world.push(image, 'v1');
      await world.settle();
      expect(world.row(image).lastFailedScan).toMatchObject({
        cause: 'PROVENANCE',
        detail: expect.stringMatching(/^the normal form is of /),
      });
    }
  });

  test('a report about another image is not believed, whether the name or a layer is another', async () => {
    const report = trivyReport('clean');
    for (const other of [
      { ...report, ArtifactName: 'other' },
      { ...report, Metadata: { ...report.Metadata, DiffIDs: [`sha256:${'0'.repeat(64)}`] } },
    ]) {
      world = new World();
      image = world.has('clean');
      world.builds.uploads = { [IncomingFile.report]: gzipSync(JSON.stringify(other)) };
      world.push(image, 'v1');
      await world.settle();
      expect(world.row(image).lastFailedScan).toMatchObject({
        cause: 'PROVENANCE',
        detail: expect.stringMatching(/^the report is about /),
      });
    }
  });
});

function scanIdOf(build: Build): string {
  return build.environment.environmentVariables!.find(({ name }) => name === 'SCAN_ID')!.value;
}
