import { BatchGetImageRequest, BatchGetImageResponse, ImageFailure } from '@aws-sdk/client-ecr';
import { Archive } from './archive';
import { PullThrough } from './pull-through';
import { PullTimes } from './pull-times';
import { Answer, errorAnswer, jsonAnswer, parseJson } from '../gateway/answer';
import { Call } from '../gateway/call';
import { Pullers } from '../pullers';

export interface BatchGetImagePorts {
  readonly archive: Archive;
  readonly cache: PullThrough;
  readonly pullers: Pullers;
  readonly pullTimes: PullTimes;
}

const FAILURES = { throttled: 'UpstreamTooManyRequests', unavailable: 'UpstreamUnavailable' } as const;

/** A pull: it goes through a cache if it has to, and it is remembered. MiniStack authorises it first. */
export async function batchGetImage(
  call: Call,
  { archive, cache, pullers, pullTimes }: BatchGetImagePorts,
): Promise<Answer> {
  const before = await call.forward();
  if (isDenied(before)) return before;
  const { repositoryName = '', imageIds = [] } = await call.json<BatchGetImageRequest>();
  const role = await pullers.roleOf(call.accessKeyId);
  const failures: ImageFailure[] = [];
  for (const imageId of imageIds) {
    if (imageId.imageTag === undefined) continue;
    const problem = await cache.fill(repositoryName, imageId.imageTag, role);
    if (problem?.kind === 'denied') return errorAnswer('AccessDeniedException', problem.message);
    if (problem !== undefined) {
      failures.push({ imageId, failureCode: FAILURES[problem.kind], failureReason: problem.message });
    }
  }
  if (failures.length > 0) return jsonAnswer(200, { images: [], failures });
  const answer = await call.forward();
  if (answer.status !== 200) return answer;
  const given = parseJson<BatchGetImageResponse>(answer);
  const [archived, images] = split(given.images ?? [], ({ imageId }) =>
    archive.has(repositoryName, imageId!.imageDigest!),
  );
  for (const { imageId } of images) {
    await pullTimes.pulled(repositoryName, imageId!.imageDigest!, call.accessKeyId);
  }
  if (archived.length === 0) return answer;
  const gone = archived.map(({ imageId }): ImageFailure => ({
    imageId,
    failureCode: 'ImageNotFound',
    failureReason: 'Requested image not found',
  }));
  return jsonAnswer(200, { ...given, images, failures: [...(given.failures ?? []), ...gone] });
}

function split<T>(all: readonly T[], isFirst: (each: T) => boolean): [T[], T[]] {
  return [all.filter(isFirst), all.filter(each => !isFirst(each))];
}

function isDenied(answer: Answer): boolean {
  return answer.status !== 200 && /AccessDenied/.test(parseJson<{ __type?: string }>(answer).__type ?? '');
}
