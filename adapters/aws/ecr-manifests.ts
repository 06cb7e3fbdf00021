import {
  BatchGetImageCommand,
  ECRServiceException,
  type ECRClient,
  type ImageFailureCode,
} from '@aws-sdk/client-ecr';
import { isThrottling } from './passing-error';
import type { Repository } from '../../src/core/image/image';
import { ACCEPTED_MANIFESTS } from '../../src/core/image/manifest';
import { failed, ok, type Result } from '../../src/core/result';
import { digestOf } from '../../src/core/text/sha256';

export interface FoundManifest {
  readonly text: string;
  readonly mediaType: string;
  /** Of its own bytes. */
  readonly digest: string;
}

/**
 * Why there is no manifest. Only `not-found` says that the image is gone. `busy` is over by itself.
 * `withheld`: ECR has the image and does not give it, for another reason.
 */
export type ManifestProblem = 'not-found' | 'denied' | 'busy' | 'too-large' | 'other-digest' | 'withheld';

/** `name` is ECR's name for it, where it has one, as in an exception of the SDK. */
export class ManifestError extends Error {
  /** By which queues know that the message is not at fault (rule 4.7, backpressure and dead letters). */
  public readonly $retryable?: { readonly throttling: true };

  constructor(
    public readonly problem: ManifestProblem,
    message: string,
    { name, cause }: { readonly name?: string; readonly cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.name = name ?? 'Error';
    // a quota of the account may not be over by itself: the queue counts it, and an alarm goes off
    if (problem === 'busy' && !/LimitExceeded/.test(this.name)) this.$retryable = { throttling: true };
  }
}

export type ManifestId = { readonly imageDigest: string } | { readonly imageTag: string };

/** What ECR answers of one image, where it does not give its manifest. */
const PROBLEMS: Readonly<Partial<Record<ImageFailureCode, ManifestProblem>>> = {
  ImageNotFound: 'not-found',
  KmsError: 'denied',
  UpstreamAccessDenied: 'denied',
  UpstreamTooManyRequests: 'busy',
  UpstreamUnavailable: 'busy',
};

/**
 * Reads a manifest. It is hashed: only the digest that was asked for is believed. What is not an answer about
 * the image (the network, credentials that have expired) is thrown.
 */
export async function readEcrManifest(
  { account, repository }: Pick<Repository, 'account' | 'repository'>,
  id: ManifestId,
  maxBytes: number,
  client: Pick<ECRClient, 'send'>,
): Promise<Result<FoundManifest, ManifestError>> {
  const name = 'imageDigest' in id ? id.imageDigest : id.imageTag;
  const command = new BatchGetImageCommand({
    registryId: account,
    repositoryName: repository,
    imageIds: [id],
    acceptedMediaTypes: [...ACCEPTED_MANIFESTS],
  });
  const answer = await client.send(command).catch((error: unknown) => {
    const problem = problemOf(error);
    if (problem === undefined) throw error;
    return problem;
  });
  if (answer instanceof ManifestError) return failed(answer);
  const [image] = answer.images ?? [];
  const text = image?.imageManifest;
  if (text === undefined) {
    const code = answer.failures?.[0]?.failureCode ?? 'ImageNotFound';
    const problem = PROBLEMS[code] ?? 'withheld';
    const message =
      problem === 'not-found'
        ? `the repository ${repository} has no image ${name}`
        : `the registry does not give ${name} of the repository ${repository}: ${code}`;
    return failed(new ManifestError(problem, message, { name: code }));
  }
  if (Buffer.byteLength(text) > maxBytes) {
    return failed(new ManifestError('too-large', `the manifest of ${name} has more than ${maxBytes} bytes`));
  }
  const digest = digestOf(text);
  if ('imageDigest' in id && digest !== id.imageDigest) {
    return failed(
      new ManifestError('other-digest', `the manifest that the registry gave for ${name} has another digest`),
    );
  }
  return ok({ text, mediaType: image?.imageManifestMediaType ?? '', digest });
}

function problemOf(error: unknown): ManifestError | undefined {
  if (!(error instanceof ECRServiceException)) return undefined;
  const { name, message } = error;
  const as = (problem: ManifestProblem) =>
    new ManifestError(problem, message || `the registry answered ${name}`, { name, cause: error });
  if (name === 'ImageNotFoundException' || name === 'RepositoryNotFoundException') return as('not-found');
  if (name === 'AccessDeniedException') return as('denied');
  return isThrottling(error) || /LimitExceeded/.test(name) ? as('busy') : undefined;
}
