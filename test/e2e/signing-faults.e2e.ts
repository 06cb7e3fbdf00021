import { cloud, emulator } from './cloud';
import { onlyEmulated } from './only-emulated';
import { listen, makeRepository, noOtherScans, push, resource, rowOnce } from './quickstart';

onlyEmulated('KMS and ECR are made to fail on purpose');

beforeAll(noOtherScans);
afterEach(() => emulator().admin('faults', undefined, 'DELETE'));

test.each([
  ['KMS', { service: 'kms', operation: 'Sign' }],
  ['ECR', { service: 'ecr', operation: 'PutImage' }],
])(
  '%s denies the signer something once: nothing is trusted until the next try, and then all of it is signed',
  async (_service, match) => {
    const events = await listen({ eventBusName: await resource('AWS::Events::EventBus', 'TrustEvents') });
    await emulator().admin('faults', [{ match, times: 1, status: 400, errorCode: 'AccessDeniedException' }]);
    const repository = await makeRepository();
    const digest = await push(repository, 'clean');
    const { verdict, statement } = await rowOnce(repository, digest, row => row.verdict !== undefined);
    expect({ outcome: verdict!.outcome, statement }).toEqual({ outcome: 'PASS', statement: undefined });

    const signed = await rowOnce(repository, digest, row => row.statement !== undefined);
    expect(signed.signature).toEqual({
      keyHint: expect.any(String) as string,
      at: expect.any(String) as string,
    });
    const { images } = await cloud().ecr.batchGetImage({
      repositoryName: repository,
      imageIds: [{ imageTag: `${digest.replace(':', '-')}.sig` }],
    });
    expect((JSON.parse(images![0]!.imageManifest!) as { layers: unknown[] }).layers).toHaveLength(1);
    const { referrers } = await cloud().ecr.listImageReferrers({
      repositoryName: repository,
      subjectId: { imageDigest: digest },
    });
    expect(referrers).toHaveLength(1);
    expect(await events.until(body => body.includes('Image Trusted') && body.includes(repository))).toContain(
      signed.verdict!.verdictId,
    );
  },
  150_000,
);
