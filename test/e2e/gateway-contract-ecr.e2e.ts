import { emulator, miniStack } from './cloud';
import { deploy, makeQueue, makeRole, makeRule } from './cloud-fixtures';
import { uniqueName } from './eventually';
import { onlyEmulated } from './only-emulated';
import { digestOf, pushTinyImage, tinyImage, TinyImage } from './tiny-image';
import { EcrArchive } from '../../adapters/aws/ecr-archive';
import { sessionOf } from '../../local/cloud/assume-role';
import { awsClients } from '../../local/cloud/aws-clients';
import { Upstream } from '../../local/cloud/gateway/upstream';
import { ensureRepository } from '../../local/cloud/repositories';
import { socketAgent } from '../../local/cloud/socket-agent';
import { imageName } from '../../src/core/image/image';

onlyEmulated('it holds the gateway itself against what AWS documents');

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

/** The registry without the gateway. */
function rawRegistry(method: string, path: string, body = '') {
  const { socketPath, registryHost } = emulator();
  return new Upstream(socketPath, registryHost).send(method, `/v2/${path}`, Buffer.from(body), {
    'content-type': MANIFEST,
    connection: 'close',
  });
}

async function makeRepository(): Promise<string> {
  const repository = uniqueName('team/app');
  await ensureRepository(emulator(), repository);
  return repository;
}

async function uploadLayer(repositoryName: string, bytes: Buffer): Promise<void> {
  const { ecr } = emulator();
  const { uploadId } = await ecr.initiateLayerUpload({ repositoryName });
  await ecr.uploadLayerPart({
    repositoryName,
    uploadId,
    partFirstByte: 0,
    partLastByte: bytes.length - 1,
    layerPartBlob: new Uint8Array(bytes),
  });
  await ecr.completeLayerUpload({ repositoryName, uploadId, layerDigests: [digestOf(bytes)] });
}

async function putImage(repositoryName: string, image: TinyImage, imageTag?: string) {
  return emulator().ecr.putImage({
    repositoryName,
    imageManifest: image.manifest,
    imageManifestMediaType: MANIFEST,
    imageTag,
  });
}

describe('the layer calls of the API', () => {
  test('store what the registry gives out again', async () => {
    const { ecr } = emulator();
    const repositoryName = await makeRepository();
    const layer = Buffer.from('a layer');
    const layerDigest = digestOf(layer);
    await uploadLayer(repositoryName, layer);

    const { layers } = await ecr.batchCheckLayerAvailability({
      repositoryName,
      layerDigests: [layerDigest, digestOf(Buffer.from('other'))],
    });
    expect(layers).toMatchObject([
      { layerAvailability: 'AVAILABLE', layerSize: layer.length },
      { layerAvailability: 'UNAVAILABLE' },
    ]);
    const { downloadUrl } = await ecr.getDownloadUrlForLayer({ repositoryName, layerDigest });
    expect(await (await fetch(downloadUrl!)).text()).toBe('a layer');
    await expect(uploadLayer(repositoryName, layer)).rejects.toMatchObject({
      name: 'LayerAlreadyExistsException',
    });

    const raw = await miniStack().ecr.batchCheckLayerAvailability({
      repositoryName,
      layerDigests: [layerDigest],
    });
    expect(raw.layers).toMatchObject([{ layerAvailability: 'UNAVAILABLE' }]); // the gap
  });

  test('refuse parts out of order, empty uploads and unknown ones', async () => {
    const { ecr } = emulator();
    const repositoryName = await makeRepository();
    const { uploadId } = await ecr.initiateLayerUpload({ repositoryName });
    const layerDigests = [digestOf(Buffer.from('x'))];

    await expect(
      ecr.uploadLayerPart({
        repositoryName,
        uploadId,
        partFirstByte: 5,
        partLastByte: 5,
        layerPartBlob: new Uint8Array(1),
      }),
    ).rejects.toMatchObject({ name: 'InvalidLayerPartException' });
    await expect(ecr.completeLayerUpload({ repositoryName, uploadId, layerDigests })).rejects.toMatchObject({
      name: 'EmptyUploadException',
    });
    await expect(
      ecr.completeLayerUpload({ repositoryName, uploadId: 'none', layerDigests }),
    ).rejects.toMatchObject({ name: 'UploadNotFoundException' });
  });
});

describe('PutImage', () => {
  test('makes an image that the registry gives out, and says so when it is there already', async () => {
    const repositoryName = await makeRepository();
    const image = tinyImage('content');
    for (const blob of image.blobs) await uploadLayer(repositoryName, blob);

    const { image: put } = await putImage(repositoryName, image, 'v1');

    expect(put?.imageId).toEqual({ imageDigest: image.digest, imageTag: 'v1' });
    expect(await (await fetch(`${emulator().endpoint}/v2/${repositoryName}/manifests/v1`)).text()).toBe(
      image.manifest,
    );
    await expect(putImage(repositoryName, image, 'v1')).rejects.toMatchObject({
      name: 'ImageAlreadyExistsException',
    });
    await expect(putImage(repositoryName, image)).rejects.toMatchObject({
      name: 'ImageAlreadyExistsException',
    });
    await expect(
      miniStack().ecr.putImage({ repositoryName, imageManifest: image.manifest, imageTag: 'v1' }),
    ).resolves.toBeDefined(); // the gap
  });

  test('refuses an image whose layers are not there, or of another digest', async () => {
    const { ecr } = emulator();
    const repositoryName = await makeRepository();
    const image = tinyImage('missing');

    await expect(putImage(repositoryName, image)).rejects.toMatchObject({ name: 'LayersNotFoundException' });
    await expect(
      ecr.putImage({
        repositoryName,
        imageManifest: image.manifest,
        imageDigest: digestOf(Buffer.from('other')),
      }),
    ).rejects.toMatchObject({ name: 'ImageDigestDoesNotMatchException' });
    await expect(putImage('team/none', image)).rejects.toMatchObject({ name: 'RepositoryNotFoundException' });
  });
});

test('DescribeImages says which image is not there', async () => {
  const repositoryName = await makeRepository();
  const image = tinyImage('content');
  await pushTinyImage(emulator().endpoint, repositoryName, 'v1', image);
  const imageIds = [{ imageTag: 'v1' }, { imageTag: 'v2' }];

  const { imageDetails } = await emulator().ecr.describeImages({
    repositoryName,
    imageIds: [{ imageTag: 'v1', imageDigest: image.digest }],
  });

  expect(imageDetails).toMatchObject([{ imageDigest: image.digest, imageTags: ['v1'] }]);
  await expect(emulator().ecr.describeImages({ repositoryName, imageIds })).rejects.toMatchObject({
    name: 'ImageNotFoundException',
  });
  // the gap
  expect((await miniStack().ecr.describeImages({ repositoryName, imageIds })).imageDetails).toHaveLength(1);
});

test('the right to describe a repository is asked for that repository', async () => {
  const [mine, other] = [await makeRepository(), await makeRepository()];
  const role = await makeRole('codebuild.amazonaws.com', [
    { Effect: 'Allow', Action: 'ecr:DescribeRepositories', Resource: `arn:aws:ecr:*:*:repository/${mine}` },
  ]);
  const { Credentials: session } = await emulator().sts.assumeRole({
    RoleArn: role,
    RoleSessionName: 'reader',
  });
  const credentials = {
    accessKeyId: session!.AccessKeyId!,
    secretAccessKey: session!.SecretAccessKey!,
    sessionToken: session!.SessionToken,
  };
  const options = { endpoint: emulator().endpoint, region: emulator().region, credentials };
  const describe = (repositoryNames?: string[]) =>
    awsClients(options).ecr.describeRepositories({ repositoryNames });

  expect((await describe([mine])).repositories).toMatchObject([
    { repositoryName: mine, createdAt: expect.any(Date) as Date },
  ]);
  for (const names of [[other], [mine, other], undefined]) {
    await expect(describe(names)).rejects.toThrow(/not authorized/);
  }
  const raw = awsClients({ ...options, agent: socketAgent(emulator().socketPath) }).ecr;
  // the gap
  await expect(raw.describeRepositories({ repositoryNames: [mine] })).rejects.toThrow(/not authorized/);
});

test('the right to list repositories is asked for all of them', async () => {
  const mine = await makeRepository();
  const role = await makeRole('lambda.amazonaws.com', [
    { Effect: 'Allow', Action: 'ecr:DescribeRepositories', Resource: 'arn:aws:ecr:*:*:repository/*' },
  ]);
  const { Credentials: session } = await emulator().sts.assumeRole({
    RoleArn: role,
    RoleSessionName: 'reader',
  });
  const credentials = {
    accessKeyId: session!.AccessKeyId!,
    secretAccessKey: session!.SecretAccessKey!,
    sessionToken: session!.SessionToken,
  };
  const { ecr } = awsClients({ endpoint: emulator().endpoint, region: emulator().region, credentials });

  const { repositories = [] } = await ecr.describeRepositories({});
  expect(repositories.map(({ repositoryName }) => repositoryName)).toContain(mine);
});

test('ListImages gives one row a tag', async () => {
  const repositoryName = await makeRepository();
  const image = tinyImage('content');
  for (const tag of ['v1', 'v2', tinyImage('untagged').digest]) {
    await pushTinyImage(
      emulator().endpoint,
      repositoryName,
      tag,
      tag.startsWith('v') ? image : tinyImage('untagged'),
    );
  }

  const tagged = await emulator().ecr.listImages({ repositoryName, filter: { tagStatus: 'TAGGED' } });
  const all = await emulator().ecr.listImages({ repositoryName });

  expect(tagged.imageIds).toEqual([
    { imageDigest: image.digest, imageTag: 'v1' },
    { imageDigest: image.digest, imageTag: 'v2' },
  ]);
  expect(all.imageIds).toHaveLength(3);
  expect(
    (await miniStack().ecr.listImages({ repositoryName, filter: { tagStatus: 'TAGGED' } })).imageIds,
  ).toHaveLength(1); // the gap
});

test('referrers are found by their subject, in the API and in the registry', async () => {
  const { endpoint, ecr } = emulator();
  const repositoryName = await makeRepository();
  const image = tinyImage('content');
  const referrer = tinyImage('sbom', {
    artifactType: 'application/spdx+json',
    subject: { mediaType: MANIFEST, digest: image.digest, size: 1 },
  });
  await pushTinyImage(endpoint, repositoryName, 'v1', image);
  const pushed = await pushTinyImage(endpoint, repositoryName, referrer.digest, referrer);

  const api = await ecr.listImageReferrers({ repositoryName, subjectId: { imageDigest: image.digest } });
  const registry = async (query = '') =>
    (await (await fetch(`${endpoint}/v2/${repositoryName}/referrers/${image.digest}${query}`)).json()) as {
      manifests: object[];
    };

  expect(pushed.headers.get('oci-subject')).toBe(image.digest);
  expect(api.referrers).toMatchObject([
    { digest: referrer.digest, artifactType: 'application/spdx+json', mediaType: MANIFEST },
  ]);
  expect((await registry()).manifests).toMatchObject([{ digest: referrer.digest }]);
  expect((await registry('?artifactType=other')).manifests).toEqual([]);
  await expect(
    miniStack().ecr.listImageReferrers({ repositoryName, subjectId: { imageDigest: image.digest } }),
  ).rejects.toThrow(/Unknown action/); // the gap
  // the gap
  expect((await rawRegistry('GET', `${repositoryName}/referrers/${image.digest}`)).status).not.toBe(200);
});

test('an immutable tag stays, unless a filter of the template excludes it', async () => {
  const { endpoint } = emulator();
  const RepositoryName = uniqueName('team/locked');
  await deploy({
    Resources: {
      Repository: {
        Type: 'AWS::ECR::Repository',
        Properties: {
          RepositoryName,
          ImageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
          ImageTagMutabilityExclusionFilters: [
            {
              ImageTagMutabilityExclusionFilterType: 'WILDCARD',
              ImageTagMutabilityExclusionFilterValue: 'dev-*',
            },
          ],
        },
      },
    },
  });
  const push = async (tag: string, content: string) =>
    (await pushTinyImage(endpoint, RepositoryName, tag, tinyImage(content))).status;

  expect([await push('v1', 'one'), await push('v1', 'two'), await push('v1', 'one')]).toEqual([
    201, 400, 201,
  ]);
  expect([await push('dev-1', 'one'), await push('dev-1', 'two')]).toEqual([201, 201]);
  const other = tinyImage('three');
  // the gap
  expect((await rawRegistry('PUT', `${RepositoryName}/manifests/v1`, other.manifest)).status).toBe(201);
});

test('every push and every deletion is one event', async () => {
  const { endpoint, ecr } = emulator();
  const repositoryName = await makeRepository();
  const image = tinyImage('content');
  const queue = await makeQueue();
  await makeRule(
    { source: ['aws.ecr'], detail: { 'repository-name': [repositoryName] } },
    { Arn: queue.arn },
  );
  // the gap: no event of it arrives
  await rawRegistry('PUT', `${repositoryName}/manifests/raw`, tinyImage('raw').manifest);

  await pushTinyImage(endpoint, repositoryName, 'v1', image);
  const push = JSON.parse(await queue.receive()) as object;
  await ecr.batchDeleteImage({ repositoryName, imageIds: [{ imageDigest: image.digest }] });
  const deletion = JSON.parse(await queue.receive()) as object;

  expect(push).toMatchObject({
    source: 'aws.ecr',
    'detail-type': 'ECR Image Action',
    account: '000000000000',
    detail: {
      result: 'SUCCESS',
      'action-type': 'PUSH',
      'repository-name': repositoryName,
      'image-digest': image.digest,
      'image-tag': 'v1',
    },
  });
  expect(deletion).toMatchObject({ detail: { 'action-type': 'DELETE', 'image-digest': image.digest } });
  expect(await queue.isEmpty()).toBe(true);
});

test('a fault that was asked for is given as a registry gives it, as often as asked', async () => {
  const repositoryName = await makeRepository();
  const get = async () => fetch(`${emulator().endpoint}/v2/${repositoryName}/tags/list`);
  await emulator().admin('faults', [
    {
      match: { service: 'registry', pathPattern: `/v2/${repositoryName}/*` },
      times: 1,
      status: 429,
      errorCode: 'TOOMANYREQUESTS',
    },
  ]);

  const first = await get();

  expect([first.status, await first.json()]).toEqual([
    429,
    { errors: [expect.objectContaining({ code: 'TOOMANYREQUESTS' })] },
  ]);
  expect((await get()).status).toBe(200);
});

describe('the archive', () => {
  const name = (repository: string, digest: string) => {
    const { account, region } = emulator();
    return imageName({ account, region, repository, digest });
  };

  test('takes an image from whoever pulls, says so where somebody asks, and gives it back', async () => {
    const { ecr, endpoint } = emulator();
    const repositoryName = await makeRepository();
    const image = tinyImage('archived');
    await pushTinyImage(endpoint, repositoryName, 'v1', image);
    const archive = new EcrArchive(ecr);
    const it = name(repositoryName, image.digest);
    const pull = () => fetch(`${endpoint}/v2/${repositoryName}/manifests/v1`);
    const imageIds = [{ imageDigest: image.digest }];
    const listed = async (imageStatus?: 'ANY' | 'ARCHIVED') =>
      (await ecr.describeImages({ repositoryName, filter: { imageStatus } })).imageDetails!.length;
    expect(await archive.look(it)).toEqual({ status: 'ACTIVE', tags: ['v1'] });

    await archive.archive(it);
    expect(await archive.look(it)).toMatchObject({ status: 'ARCHIVED' });
    expect((await pull()).status).toBe(404);
    const { images, failures } = await ecr.batchGetImage({ repositoryName, imageIds });
    expect({ images, failures }).toMatchObject({ images: [], failures: [{ failureCode: 'ImageNotFound' }] });
    expect([await listed(), await listed('ARCHIVED'), await listed('ANY')]).toEqual([0, 1, 1]);
    expect((await ecr.listImages({ repositoryName })).imageIds).toEqual([]);

    await archive.restore(it);
    expect(await archive.look(it)).toMatchObject({
      status: 'ACTIVE',
      lastRestoredAt: expect.any(Date) as Date,
    });
    expect((await pull()).status).toBe(200);
    expect([await listed(), await listed('ARCHIVED')]).toEqual([1, 0]);
  });

  test('knows no image that is not there', async () => {
    const archive = new EcrArchive(emulator().ecr);
    const missing = name(await makeRepository(), digestOf(Buffer.from('missing')));
    expect(await archive.look(missing)).toBeUndefined();
    expect(await archive.look(name('team/none', digestOf(Buffer.from('none'))))).toBeUndefined();
    await expect(archive.archive(missing)).rejects.toMatchObject({ name: 'ImageNotFoundException' });
  });

  test('asks whether the caller may', async () => {
    const { account, region, endpoint } = emulator();
    const repositoryName = await makeRepository();
    const Resource = `arn:aws:ecr:${region}:${account}:repository/${repositoryName}`;
    const role = await makeRole('lambda.amazonaws.com', [
      { Effect: 'Allow', Action: 'ecr:DescribeImages', Resource },
    ]);
    const credentials = await sessionOf(emulator(), emulator(), role.split('/').pop()!);
    const { ecr } = awsClients({ endpoint, region, credentials });
    const call = ecr.updateImageStorageClass({
      repositoryName,
      imageId: { imageTag: 'v1' },
      targetStorageClass: 'ARCHIVE',
    });
    await expect(call).rejects.toMatchObject({ name: expect.stringMatching(/AccessDenied/) as string });
  });
});
