import { digestOf } from '../../src/core/text/sha256';
import {
  BatchGetImageCommand,
  ECRClient,
  ECRServiceException,
  ListTagsForResourceCommand,
  paginateDescribeImages,
  paginateDescribeRepositories,
  type ImageFailureCode,
} from '@aws-sdk/client-ecr';
import type { Image } from '../../src/core/image/image';
import { ACCEPTED_MANIFESTS } from '../../src/core/image/manifest';
import type { Failure } from '../../src/core/scanning/failed-scan';

export interface FetchedManifest {
  readonly text: string;
  readonly mediaType: string;
}

/**
 * Why ECR keeps a manifest back. The image is there all the same: only `ImageNotFound` says that it is gone,
 * which nobody is told.
 */
const BUSY: ReadonlySet<string> = new Set<ImageFailureCode>([
  'UpstreamTooManyRequests',
  'UpstreamUnavailable',
]);
const DENIED: ReadonlySet<string> = new Set<ImageFailureCode>(['KmsError', 'UpstreamAccessDenied']);

/** Reads of the registry. What ECR answers is re-hashed: only the digest that was asked for is believed. */
export class EcrImages {
  constructor(private readonly client = new ECRClient({})) {}

  /** `throttled`: ask again later. */
  public async manifest(
    { account, repository, digest }: Image,
    maxBytes: number,
  ): Promise<FetchedManifest | { failure: Failure } | 'throttled'> {
    const answer = await this.ask(() =>
      this.client.send(
        new BatchGetImageCommand({
          registryId: account,
          repositoryName: repository,
          imageIds: [{ imageDigest: digest }],
          acceptedMediaTypes: [...ACCEPTED_MANIFESTS],
        }),
      ),
    );
    if (answer === 'throttled' || 'failure' in answer) return answer;
    const [image] = answer.images ?? [];
    if (image?.imageManifest === undefined) {
      const code = answer.failures?.[0]?.failureCode ?? 'ImageNotFound';
      if (BUSY.has(code)) return 'throttled';
      return code === 'ImageNotFound'
        ? failure('IMAGE_GONE', `the repository ${repository} has no image ${digest}`)
        : failure(DENIED.has(code) ? 'REGISTRY_DENIED' : 'UNSCANNABLE', `the registry answered ${code}`);
    }
    if (image.imageManifest.length > maxBytes) {
      return failure('UNSCANNABLE', `its manifest has more than ${maxBytes} bytes`);
    }
    if (digestOf(image.imageManifest) !== digest) {
      return failure('UNSCANNABLE', 'its manifest does not have the digest that was asked for');
    }
    return { text: image.imageManifest, mediaType: image.imageManifestMediaType ?? '' };
  }

  public async *repositories(): AsyncIterable<{ name: string; arn: string; account: string }> {
    for await (const { repositories } of paginateDescribeRepositories({ client: this.client }, {})) {
      for (const { repositoryName, repositoryArn, registryId } of repositories ?? []) {
        yield { name: repositoryName!, arn: repositoryArn!, account: registryId! };
      }
    }
  }

  /** Of a repository that is gone, none. */
  public async tags(repositoryArn: string): Promise<Record<string, string>> {
    const { tags } = await this.client
      .send(new ListTagsForResourceCommand({ resourceArn: repositoryArn }))
      .catch((error: unknown) => {
        if (isGone(error)) return { tags: [] };
        throw error;
      });
    return Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key!, Value ?? '']));
  }

  /** None where the repository is gone: it was there when somebody asked for the list. */
  public async *images(
    repository: string,
  ): AsyncIterable<{ digest: string; tags: string[]; pushedAt: Date }> {
    try {
      for await (const { imageDetails } of paginateDescribeImages(
        { client: this.client },
        { repositoryName: repository },
      )) {
        for (const { imageDigest, imageTags, imagePushedAt } of imageDetails ?? []) {
          yield { digest: imageDigest!, tags: imageTags ?? [], pushedAt: imagePushedAt ?? new Date(0) };
        }
      }
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  private async ask<T>(call: () => Promise<T>): Promise<T | { failure: Failure } | 'throttled'> {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ECRServiceException)) throw error;
      const status = error.$metadata.httpStatusCode ?? 500;
      if (error.name === 'ImageNotFoundException' || error.name === 'RepositoryNotFoundException') {
        return failure('IMAGE_GONE', `the registry answered ${error.name}`);
      }
      if (error.name === 'AccessDeniedException') {
        return failure('REGISTRY_DENIED', 'the registry answered AccessDeniedException');
      }
      if (
        error.$retryable?.throttling === true ||
        /Throttl|LimitExceeded/.test(error.name) ||
        status === 429 ||
        status >= 500
      ) {
        return 'throttled';
      }
      throw error;
    }
  }
}

function isGone(error: unknown): boolean {
  return error instanceof ECRServiceException && error.name === 'RepositoryNotFoundException';
}

function failure(cause: Failure['cause'], detail: string): { failure: Failure } {
  return { failure: { cause, detail } };
}
