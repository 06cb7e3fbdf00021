import { ECRServiceException, ImageDetail, PutImageRequest } from '@aws-sdk/client-ecr';
import { blobsOf, parseManifest } from './manifest';
import { pushManifest } from './push-manifest';
import { lockedMessage, RepositoryStore } from './repository-store';
import { digestOf } from '../../../src/core/text/sha256';
import { EventDraft } from '../events/service-event';
import { Answer, errorAnswer, jsonAnswer } from '../gateway/answer';
import { Call } from '../gateway/call';

export interface PutImagePorts {
  readonly store: RepositoryStore;
  readonly account: string;
  readonly publish: (event: EventDraft) => void;
}

/**
 * MiniStack's own PutImage keeps a record beside its registry; this one goes through the registry, and gives
 * ECR's errors.
 */
export async function putImage(
  request: PutImageRequest,
  call: Call,
  { store, account, publish }: PutImagePorts,
): Promise<Answer> {
  const { repositoryName = '', imageManifest = '', imageManifestMediaType, imageTag } = request;
  const bytes = Buffer.from(imageManifest);
  const digest = digestOf(bytes);
  const refused = await refusal(request, digest, store);
  if (refused !== undefined) return refused;
  // not earlier: MiniStack authorises the call by executing it
  const authorised = await call.forward();
  if (authorised.status !== 200) return authorised;
  const push = {
    repository: repositoryName,
    reference: imageTag ?? digest,
    bytes,
    contentType: imageManifestMediaType,
  };
  const pushed = await pushManifest(push, store, publish);
  if (pushed.status !== 201) return errorAnswer('InvalidParameterException', pushed.body.toString());
  return jsonAnswer(200, {
    image: {
      registryId: account,
      repositoryName,
      imageId: { imageDigest: digest, imageTag },
      imageManifest,
      imageManifestMediaType,
    },
  });
}

async function refusal(
  request: PutImageRequest,
  digest: string,
  store: RepositoryStore,
): Promise<Answer | undefined> {
  const { repositoryName = '', imageManifest = '', imageTag, imageDigest } = request;
  const images = await imagesOf(repositoryName, store);
  if (!Array.isArray(images)) return images;
  const manifest = parseManifest(imageManifest);
  if (manifest === undefined) {
    return errorAnswer('InvalidParameterException', "Invalid parameter at 'imageManifest': it is not JSON");
  }
  if (imageDigest !== undefined && imageDigest !== digest) {
    return errorAnswer(
      'ImageDigestDoesNotMatchException',
      `The digest '${imageDigest}' does not match the manifest's, '${digest}'`,
    );
  }
  const sizes = await Promise.all(
    blobsOf(manifest).map(async blob => ({ blob, size: await store.blobSize(repositoryName, blob) })),
  );
  const missing = sizes.filter(({ size }) => size === undefined).map(({ blob }) => blob);
  if (missing.length > 0) {
    const list = missing.join(', ');
    return errorAnswer(
      'LayersNotFoundException',
      `Layers with digests '${list}' required for pushing image into repository '${repositoryName}' do not exist`,
    );
  }
  const held = images.find(image => image.imageDigest === digest);
  if (held !== undefined && (imageTag === undefined || held.imageTags?.includes(imageTag))) {
    const tag = imageTag === undefined ? '' : ` and tag '${imageTag}'`;
    return errorAnswer(
      'ImageAlreadyExistsException',
      `Image with digest '${digest}'${tag} already exists in the repository '${repositoryName}'`,
    );
  }
  if (imageTag !== undefined && (await store.isLocked(repositoryName, imageTag, digest))) {
    return errorAnswer('ImageTagAlreadyExistsException', lockedMessage(repositoryName, imageTag));
  }
  return undefined;
}

async function imagesOf(repository: string, store: RepositoryStore): Promise<ImageDetail[] | Answer> {
  try {
    return await store.images(repository);
  } catch (error) {
    if (error instanceof ECRServiceException) {
      return errorAnswer(error.name, error.message, error.$metadata.httpStatusCode);
    }
    throw error;
  }
}
