import { artifactTypeOf, parseManifest } from './manifest';
import { lockedMessage, RepositoryStore } from './repository-store';
import { digestOf } from '../../../src/core/text/sha256';
import { EventDraft } from '../events/service-event';
import { Answer, registryError } from '../gateway/answer';

const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';

export interface ManifestPush {
  readonly repository: string;
  /** A tag or a digest. */
  readonly reference: string;
  readonly bytes: Buffer;
  readonly contentType?: string;
}

/** One manifest into the registry, then one event, as ECR gives one for every push. */
export async function pushManifest(
  push: ManifestPush,
  store: RepositoryStore,
  publish: (event: EventDraft) => void,
): Promise<Answer> {
  const { repository, reference, bytes } = push;
  const manifest = parseManifest(bytes.toString());
  const digest = digestOf(bytes);
  const isTag = !reference.startsWith('sha256:');
  if (manifest === undefined) return registryError(400, 'MANIFEST_INVALID', 'the manifest is not JSON');
  if (!isTag && reference !== digest) {
    return registryError(400, 'DIGEST_INVALID', `the manifest is ${digest}, not ${reference}`);
  }
  if (isTag && (await store.isLocked(repository, reference, digest))) {
    return registryError(400, 'TAG_INVALID', lockedMessage(repository, reference));
  }
  const mediaType = push.contentType ?? manifest.mediaType ?? DOCKER_MANIFEST;
  const answer = await store.v2(
    'PUT',
    `${repository}/manifests/${encodeURIComponent(reference)}`,
    bytes,
    mediaType,
  );
  if (answer.status !== 201) return answer;
  publish(
    imageAction('PUSH', repository, digest, isTag ? reference : undefined, {
      'manifest-media-type': mediaType,
      'artifact-media-type': artifactTypeOf(manifest) ?? mediaType,
    }),
  );
  const subject = manifest.subject?.digest;
  return subject === undefined
    ? answer
    : { ...answer, headers: { ...answer.headers, 'oci-subject': subject } };
}

/** @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html */
export function imageAction(
  action: 'PUSH' | 'DELETE',
  repository: string,
  digest: string,
  tag: string | undefined,
  more: Record<string, string> = {},
): EventDraft {
  return {
    source: 'aws.ecr',
    detailType: 'ECR Image Action',
    detail: {
      result: 'SUCCESS',
      'repository-name': repository,
      'image-digest': digest,
      'action-type': action,
      ...(tag !== undefined && { 'image-tag': tag }),
      ...more,
    },
  };
}
