import {
  ImageAlreadyExistsException,
  ImageTagAlreadyExistsException,
  LayerAlreadyExistsException,
  RepositoryNotFoundException,
  type ECRClient,
} from '@aws-sdk/client-ecr';
import { EcrRegistry } from '../../../adapters/aws/ecr-registry';
import { taggedArtefact } from '../../../src/core/signing/oci-artefact';
import { digestOf } from '../../../src/core/text/sha256';

const REPOSITORY = { account: '000000000000', region: 'us-east-1', repository: 'team/app' };
const WHERE = { registryId: '000000000000', repositoryName: 'team/app' };
const DIGEST = `sha256:${'a'.repeat(64)}`;
const ARTEFACT = taggedArtefact('sha256-a.sig', [], ['payload']);

type Answers = Readonly<Record<string, (input: any) => unknown>>;

interface Called {
  readonly name: string;
  readonly input: any;
}

/** ECR as far as a test says what it answers, by command. */
function ecr(answers: Answers): { registry: EcrRegistry; calls: Called[]; called(name: string): any[] } {
  const calls: Called[] = [];
  const send = async ({
    constructor: { name },
    input,
  }: {
    constructor: { name: string };
    input: unknown;
  }) => {
    calls.push({ name: name.replace(/Command$/, ''), input });
    const answer = answers[name.replace(/Command$/, '')];
    if (answer === undefined) throw new Error(`${name} was not to be called`);
    return answer(input);
  };
  const called = (name: string) => calls.filter(call => call.name === name).map(({ input }) => input);
  return { registry: new EcrRegistry(REPOSITORY, { send } as unknown as ECRClient), calls, called };
}

let uploads = 0;
const layersAre =
  (layerAvailability: string) =>
  ({ layerDigests }: { layerDigests: string[] }) => ({
    layers: layerDigests.map(layerDigest => ({ layerDigest, layerAvailability })),
  });

const UPLOADS: Answers = {
  BatchCheckLayerAvailability: layersAre('UNAVAILABLE'),
  InitiateLayerUpload: () => ({ uploadId: String(++uploads), partSize: 4 }),
  UploadLayerPart: () => ({}),
  CompleteLayerUpload: () => ({}),
  PutImage: () => ({}),
};

function answered<T extends Error>(
  Exception: new (options: { message: string; $metadata: object }) => T,
): () => never {
  return () => {
    throw new Exception({ message: 'it is there', $metadata: {} });
  };
}

describe('a manifest', () => {
  const MANIFEST = digestOf('{}');
  const found: Answers = {
    BatchGetImage: () => ({
      images: [{ imageManifest: '{}', imageManifestMediaType: 'application/json' }],
    }),
  };

  test('is found by tag and by digest', async () => {
    const { registry, called } = ecr(found);
    expect(await registry.find({ imageTag: 'v1' }, 10)).toEqual({
      text: '{}',
      mediaType: 'application/json',
      digest: MANIFEST,
    });
    expect(await registry.manifest(MANIFEST, 10)).toBe('{}');
    expect(called('BatchGetImage')).toEqual([
      expect.objectContaining({ ...WHERE, imageIds: [{ imageTag: 'v1' }] }),
      expect.objectContaining({ imageIds: [{ imageDigest: MANIFEST }] }),
    ]);
    expect(called('BatchGetImage')[0].acceptedMediaTypes).toEqual(
      expect.arrayContaining([
        'application/vnd.oci.image.index.v1+json',
        'application/vnd.oci.image.manifest.v1+json',
      ]),
    );
  });

  test('of another digest is an error', async () => {
    await expect(ecr(found).registry.manifest(DIGEST, 10)).rejects.toMatchObject({ problem: 'other-digest' });
  });

  test('that is not there, or whose repository is gone, is undefined', async () => {
    const none = { images: [], failures: [{ failureCode: 'ImageNotFound' }] };
    for (const BatchGetImage of [() => none, answered(RepositoryNotFoundException)]) {
      const { registry } = ecr({ BatchGetImage });
      expect(await registry.find({ imageTag: 'v1' }, 10)).toBeUndefined();
      expect(await registry.manifest(DIGEST, 10)).toBeUndefined();
    }
  });

  test.each(['KmsError', 'ImageInaccessible', 'UpstreamAccessDenied', 'UpstreamTooManyRequests'])(
    'that ECR keeps back (%s) is an error, and not taken for one that is gone',
    async failureCode => {
      const { registry } = ecr({ BatchGetImage: () => ({ images: [], failures: [{ failureCode }] }) });
      await expect(registry.find({ imageDigest: DIGEST }, 10)).rejects.toThrow(failureCode);
    },
  );
});

describe('referrers', () => {
  const page = (number: number) => ({
    referrers: [{ digest: `${number}a`, artifactType: 'bundle', size: 1 }, { digest: `${number}b` }],
    nextToken: number < 9 ? String(number + 1) : undefined,
  });
  const pages: Answers = { ListImageReferrers: ({ nextToken }) => page(Number(nextToken ?? 0)) };

  test('come page by page, to the last one', async () => {
    const { registry, called } = ecr(pages);
    const all: unknown[] = [];
    for await (const referrer of registry.referrers(DIGEST)) all.push(referrer);
    expect(all).toHaveLength(20);
    expect(all.slice(0, 2)).toEqual([
      { digest: '0a', artifactType: 'bundle', size: 1 },
      { digest: '0b', artifactType: undefined, size: undefined },
    ]);
    expect(called('ListImageReferrers')).toHaveLength(10);
    expect(called('ListImageReferrers')[0]).toEqual({
      ...WHERE,
      subjectId: { imageDigest: DIGEST },
      maxResults: 50,
    });
  });

  test.each([
    [1, 1],
    [2, 1],
    [3, 2],
  ])('whoever stops after %i has asked for %i pages', async (count, asked) => {
    const { registry, called } = ecr(pages);
    let listened = 0;
    for await (const _ of registry.referrers(DIGEST)) if (++listened === count) break;
    expect(called('ListImageReferrers')).toHaveLength(asked);
  });

  test('an image without any has one empty page', async () => {
    const { registry } = ecr({ ListImageReferrers: () => ({}) });
    for await (const referrer of registry.referrers(DIGEST)) throw new Error(`there was ${referrer.digest}`);
  });
});

describe('a push', () => {
  test('uploads blobs first, in parts as ECR wants them, and the manifest last', async () => {
    const { registry, calls, called } = ecr(UPLOADS);
    expect(await registry.push(ARTEFACT)).toBe('pushed');
    expect(calls.at(-1)).toEqual({
      name: 'PutImage',
      input: {
        ...WHERE,
        imageManifest: ARTEFACT.manifest,
        imageManifestMediaType: ARTEFACT.mediaType,
        imageDigest: digestOf(ARTEFACT.manifest),
        imageTag: 'sha256-a.sig',
      },
    });
    const [{ uploadId }] = called('CompleteLayerUpload').filter(({ layerDigests }) =>
      layerDigests.includes(digestOf('payload')),
    );
    const parts = called('UploadLayerPart').filter(part => part.uploadId === uploadId);
    expect(
      parts.map(({ partFirstByte, partLastByte, layerPartBlob }) => [
        partFirstByte,
        partLastByte,
        Buffer.from(layerPartBlob).toString(),
      ]),
    ).toEqual([
      [0, 3, 'payl'],
      [4, 6, 'oad'],
    ]);
    expect(called('CompleteLayerUpload').map(({ layerDigests }) => layerDigests)).toEqual(
      expect.arrayContaining(ARTEFACT.blobs.map(blob => [digestOf(blob)])),
    );
  });

  test('asks once what is there, and uploads at once what is not', async () => {
    const { registry, calls, called } = ecr(UPLOADS);
    await registry.push({ ...ARTEFACT, blobs: [...ARTEFACT.blobs, ...ARTEFACT.blobs] });
    expect(called('BatchCheckLayerAvailability')).toEqual([
      { ...WHERE, layerDigests: ARTEFACT.blobs.map(blob => digestOf(blob)) },
    ]);
    expect(calls.slice(1, 3).map(({ name }) => name)).toEqual(['InitiateLayerUpload', 'InitiateLayerUpload']);
    expect(called('CompleteLayerUpload')).toHaveLength(2);
  });

  test('uploads no blob that is there already', async () => {
    const { registry, calls } = ecr({ ...UPLOADS, BatchCheckLayerAvailability: layersAre('AVAILABLE') });
    expect(await registry.push(ARTEFACT)).toBe('pushed');
    expect(calls.map(({ name }) => name)).toEqual(['BatchCheckLayerAvailability', 'PutImage']);
  });

  test('of a blob that somebody else uploads meanwhile is as good as done', async () => {
    const { registry } = ecr({ ...UPLOADS, CompleteLayerUpload: answered(LayerAlreadyExistsException) });
    expect(await registry.push(ARTEFACT)).toBe('pushed');
  });

  test('of a manifest that is there already is as good as done', async () => {
    expect(
      await ecr({ ...UPLOADS, PutImage: answered(ImageAlreadyExistsException) }).registry.push(ARTEFACT),
    ).toBe('pushed');
  });

  test('to a tag that is immutable and names something else says so', async () => {
    expect(
      await ecr({ ...UPLOADS, PutImage: answered(ImageTagAlreadyExistsException) }).registry.push(ARTEFACT),
    ).toBe('tag-taken');
  });

  test.each([
    'BatchCheckLayerAvailability',
    'InitiateLayerUpload',
    'UploadLayerPart',
    'CompleteLayerUpload',
    'PutImage',
  ])('that ECR refuses at %s is an error', async name => {
    const refuses = {
      [name]: () => {
        throw Object.assign(new Error('denied'), { name: 'AccessDeniedException' });
      },
    };
    const { registry, called } = ecr({ ...UPLOADS, ...refuses });
    await expect(registry.push(ARTEFACT)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    if (name !== 'PutImage') expect(called('PutImage')).toEqual([]);
  });
});

describe('a blob', () => {
  const located: Answers = { GetDownloadUrlForLayer: () => ({ downloadUrl: 'https://bucket/blob' }) };
  const fetched = jest.spyOn(globalThis, 'fetch');
  afterAll(() => fetched.mockRestore());

  test('is fetched from where ECR says', async () => {
    fetched.mockResolvedValue(new Response('bytes'));
    const { registry, called } = ecr(located);
    expect(await registry.blob(DIGEST, 5)).toBe('bytes');
    expect(called('GetDownloadUrlForLayer')).toEqual([{ ...WHERE, layerDigest: DIGEST }]);
    expect(fetched).toHaveBeenCalledWith('https://bucket/blob', { signal: expect.any(AbortSignal) });
  });

  test('without end is read to the cap, and its connection is closed', async () => {
    let given = 0;
    let isClosed = false;
    const body = new ReadableStream<Uint8Array>({
      pull: controller => {
        given += 1;
        controller.enqueue(new Uint8Array(1000));
      },
      cancel: () => {
        isClosed = true;
      },
    });
    fetched.mockResolvedValue(new Response(body, { headers: { 'content-length': '10' } }));
    await expect(ecr(located).registry.blob(DIGEST, 4500)).rejects.toThrow(
      `the blob ${DIGEST} has more than 4500 bytes`,
    );
    expect(given).toBeLessThan(10);
    expect(isClosed).toBe(true);
  });

  test.each([403, 404, 503])(
    'of which the storage answers %i is an error, and not the text of the answer',
    async status => {
      fetched.mockResolvedValue(new Response('<Error/>', { status }));
      await expect(ecr(located).registry.blob(DIGEST, 100)).rejects.toThrow(
        `the registry answered ${status} for the blob ${DIGEST}`,
      );
    },
  );
});

describe('manifests are deleted', () => {
  test('at most a hundred in one call, and none is no call', async () => {
    const { registry, called } = ecr({ BatchDeleteImage: () => ({}) });
    await registry.remove([]);
    expect(called('BatchDeleteImage')).toEqual([]);
    await registry.remove(Array.from({ length: 101 }, (_, number) => `sha256:${number}`));
    expect(called('BatchDeleteImage').map(({ imageIds }) => imageIds.length)).toEqual([100, 1]);
    expect(called('BatchDeleteImage')[1]).toEqual({ ...WHERE, imageIds: [{ imageDigest: 'sha256:100' }] });
  });

  test('what is not there counts as deleted', async () => {
    const failures = [{ imageId: { imageDigest: DIGEST }, failureCode: 'ImageNotFound' }];
    await expect(ecr({ BatchDeleteImage: () => ({ failures }) }).registry.remove([DIGEST])).resolves.toEqual(
      [],
    );
  });

  test('what stays there is answered, with the code of ECR, also for a call that is refused', async () => {
    const failures = [
      {
        imageId: { imageDigest: DIGEST },
        failureCode: 'ImageReferencedByManifestList',
        failureReason: 'an index names it',
      },
    ];
    expect(await ecr({ BatchDeleteImage: () => ({ failures }) }).registry.remove([DIGEST])).toEqual([
      { digest: DIGEST, error: expect.objectContaining({ name: 'ImageReferencedByManifestList' }) as Error },
    ]);
    const denied = new Error('denied');
    const refuses = () => {
      throw denied;
    };
    expect(await ecr({ BatchDeleteImage: refuses }).registry.remove([DIGEST])).toEqual([
      { digest: DIGEST, error: denied },
    ]);
  });
});
