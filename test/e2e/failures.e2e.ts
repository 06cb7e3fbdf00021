import { cloud, emulator } from './cloud';
import { limitBuilds, usualBuilds } from './cloud-fixtures';
import { onlyEmulated } from './only-emulated';
import { makeRepository, noOtherScans, push, quickstart, resource, rowOnce, verdictOf } from './quickstart';
import { serveDatabases } from '../../local/quickstart';

beforeAll(quickstart);

/** The first failed scan's cause, whether it is tried again or not. */
async function causeOf(repository: string, digest: string): Promise<string> {
  return (await rowOnce(repository, digest, row => row.lastFailedScan !== undefined)).lastFailedScan!.cause;
}

test('images that cannot be unpacked are failed scans with their cause', async () => {
  const repository = await makeRepository();
  expect(await causeOf(repository, await push(repository, 'broken-corrupt-layer'))).toBe('UNSCANNABLE');
  expect(await causeOf(repository, await push(repository, 'layer-with-urls'))).toBe('UNSCANNABLE');
  expect(await causeOf(repository, await push(repository, 'no-packages'))).toBe('NOT_COVERED');
  expect(await causeOf(repository, await push(repository, 'unknown-os-release'))).toBe('NOT_COVERED');
});

onlyEmulated('registries, builds and databases are made to fail on purpose', () => {
  beforeAll(noOtherScans);
  afterEach(() => Promise.all([usualBuilds(), emulator().admin('faults', undefined, 'DELETE')]));

  test.each([
    [401, 'UNAUTHORIZED', 'REGISTRY_DENIED'],
    [404, 'MANIFEST_UNKNOWN', 'IMAGE_GONE'],
    [429, 'TOOMANYREQUESTS', 'REGISTRY_THROTTLED'],
    [503, 'UNAVAILABLE', 'REGISTRY_UNAVAILABLE'],
  ])(
    'rule 4.4, failed scans keep the verdict: a registry that answers %s to the reader of images is a failed scan, and no verdict',
    async (status, errorCode, cause) => {
      const repository = await makeRepository();
      await emulator().admin('faults', [
        {
          match: { service: 'registry', pathPattern: `/v2/${repository}/manifests/*`, method: 'GET' },
          times: 20,
          status,
          errorCode,
        },
      ]);
      const digest = await push(repository, 'clean');

      expect(await causeOf(repository, digest)).toBe(cause);
      expect((await rowOnce(repository, digest, () => true)).verdict).toBeUndefined();
    },
  );

  test('rule 4.4, failed scans keep the verdict: a build that somebody stops is a failed scan', async () => {
    const repository = await makeRepository();
    await limitBuilds({ maxConcurrent: 0 }); // it waits, so that it can be stopped
    const digest = await push(repository, 'clean');
    const { lease } = await rowOnce(repository, digest, row => row.lease?.buildId !== undefined);
    await cloud().codebuild.stopBuild({ id: lease!.buildId! });
    await usualBuilds();

    expect(await causeOf(repository, digest)).toBe('BUILD_STOPPED');
  });

  test('a registry that throttles the download of the database for a while holds up the scan, and no more', async () => {
    await emulator().admin('faults', [
      {
        match: { service: 'registry', pathPattern: '/v2/aquasecurity/trivy-db/manifests/*' },
        times: 4, // one more than Trivy tries by itself
        status: 429,
        errorCode: 'TOOMANYREQUESTS',
        message: 'Rate exceeded',
      },
    ]);
    const repository = await makeRepository();
    const { outcome, row } = await verdictOf(repository, await push(repository, 'clean'));
    expect({ outcome, failed: row?.lastFailedScan }).toEqual({ outcome: 'PASS', failed: undefined });
    expect(await emulator().admin('faults')).toEqual([]);
  });

  test('a registry that throttles the pull of the scanner image: the failed scan says so', async () => {
    await emulator().admin('faults', [
      {
        match: { service: 'registry', pathPattern: '/v2/aquasecurity/trivy/manifests/*' },
        times: 1,
        status: 429,
        errorCode: 'toomanyrequests',
        message: 'Rate exceeded',
      },
    ]);
    const repository = await makeRepository();
    const digest = await push(repository, 'clean');
    const row = await rowOnce(repository, digest, each => each.lastFailedScan !== undefined);
    expect(row.lastFailedScan).toMatchObject({
      cause: 'SCANNER_IMAGE_UNAVAILABLE',
      detail: expect.stringMatching(/UNABLE_TO_PULL_IMAGE.*toomanyrequests: Rate exceeded$/) as string,
      retryAt: expect.any(String) as string,
    });
  });

  describe('with another database', () => {
    afterAll(() => serveDatabases(emulator()));

    test('a database of last month can tell nothing, and the verdict that stood still stands', async () => {
      const repository = await makeRepository();
      const digest = await push(repository, 'fixable-critical');
      const { row: before } = await verdictOf(repository, digest);
      await serveDatabases(emulator(), undefined, new Date(Date.now() - 30 * 86_400_000));
      await cloud().sqs.sendMessage({
        QueueUrl: await resource('AWS::SQS::Queue', 'TrustScannerRequests'),
        MessageBody: JSON.stringify({
          version: 1,
          image: before!.pk,
          reason: 'request',
          at: new Date().toISOString(),
        }),
      });

      const row = await rowOnce(repository, digest, each => each.lastFailedScan !== undefined);
      expect(row.lastFailedScan!.cause).toBe('DATABASE_OLDER');
      expect(row.verdict).toEqual(before!.verdict);

      const fresh = await makeRepository();
      expect(await causeOf(fresh, await push(fresh, 'clean'))).toBe('DATABASE_STALE');
    });

    test('without a database there is a failed scan, and it says so', async () => {
      await emulator().admin('faults', [
        {
          match: { service: 'registry', pathPattern: '/v2/aquasecurity/trivy-db/*' },
          times: 50,
          status: 404,
          errorCode: 'MANIFEST_UNKNOWN',
        },
      ]);
      const repository = await makeRepository();
      expect(await causeOf(repository, await push(repository, 'clean'))).toBe('DATABASE_UNAVAILABLE');
    });
  });
});
