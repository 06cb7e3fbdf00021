import { plainText } from '../../src/core/text/plain-text';
import { UserError } from '../../src/core/user-error';

interface AwsError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly code?: string;
}

/** By the names that services have for it: each a few of its own. */
const KINDS: readonly { readonly names: readonly string[]; readonly says: string }[] = [
  {
    names: ['CredentialsProviderError', 'TokenProviderError'],
    says: 'no AWS credentials: name a profile that is there in AWS_PROFILE, or sign in with "aws sso login"',
  },
  {
    names: [
      'ExpiredToken',
      'ExpiredTokenException',
      'IncompleteSignature',
      'InvalidAccessKeyId',
      'InvalidClientTokenId',
      'InvalidSignatureException',
      'RequestExpired',
      'SignatureDoesNotMatch',
      'UnrecognizedClientException',
    ],
    says: 'AWS does not accept these credentials: sign in again, and look at the clock of this machine',
  },
  {
    names: ['AccessDenied', 'AccessDeniedException', 'Forbidden', 'UnauthorizedOperation'],
    says: 'these credentials may not ask: let them do what is named, or take others with AWS_PROFILE',
  },
  {
    names: [
      'ProvisionedThroughputExceededException',
      'RequestLimitExceeded',
      'SlowDown',
      'Throttling',
      'ThrottlingException',
      'TooManyRequestsException',
    ],
    says: 'AWS is asked too often: try again in a minute',
  },
  {
    names: [
      'NoSuchBucket',
      'QueueDoesNotExist',
      'AWS.SimpleQueueService.NonExistentQueue',
      'ResourceNotFoundException',
    ],
    says: 'what the stack names is not there: deploy it again, and look at the region',
  },
  {
    names: ['RepositoryNotFoundException'],
    says: 'there is no such repository: look at its name, its account and its region',
  },
  {
    names: [
      'ECONNREFUSED',
      'ECONNRESET',
      'EAI_AGAIN',
      'EHOSTUNREACH',
      'ENETUNREACH',
      'ENOTFOUND',
      'EPIPE',
      'ETIMEDOUT',
      'TimeoutError',
    ],
    says: 'AWS cannot be reached: look at the network, at AWS_REGION and AWS_ENDPOINT_URL',
  },
];
const DENIED = KINDS.find(({ names }) => names.includes('AccessDenied'))!;

/**
 * What AWS, or the way there, answered, as one line that says what to do. Whoever could not look has been
 * told nothing: never 0.
 */
export function couldNotAsk(error: unknown): UserError {
  if (error instanceof UserError) return error;
  if (!(error instanceof Error)) return new UserError(plainText(String(error), 300));
  const { name, message, code = '', $metadata } = error as AwsError;
  if (message.startsWith('Region is missing')) {
    return new UserError('no AWS region: set AWS_REGION, or a region in the profile of AWS_PROFILE');
  }
  if (name === 'ZodError' || name === '$ZodError') {
    return new UserError(
      'what was found cannot be read by this version: take the version of the command line that the stack was deployed with, or a newer one',
    );
  }
  const said = plainText(
    [name === 'Error' ? code : name, message].filter(each => each !== '').join(': '),
    500,
  );
  const kind =
    KINDS.find(({ names }) => names.includes(name) || names.includes(code)) ??
    ($metadata?.httpStatusCode === 403 ? DENIED : undefined);
  return new UserError(kind === undefined ? said : `${kind.says} (${said})`);
}

/** Runs what asks AWS. */
export async function asking<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw couldNotAsk(error);
  }
}
