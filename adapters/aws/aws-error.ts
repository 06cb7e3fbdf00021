import { plainText } from '../../src/core/text/plain-text';
import { UserError } from '../../src/core/user-error';

interface AwsError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly code?: string;
}

/** By error names. Each service has a few of its own. */
const KINDS: readonly { readonly names: readonly string[]; readonly says: string }[] = [
  {
    names: ['CredentialsProviderError', 'TokenProviderError'],
    says: 'no AWS credentials: name an existing profile in AWS_PROFILE, or sign in with "aws sso login"',
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
    says: 'AWS does not accept these credentials: sign in again, and check the clock of this machine',
  },
  {
    names: [
      'AccessDenied',
      'AccessDeniedException',
      'AuthorizationError',
      'AuthorizationErrorException',
      'Forbidden',
      'UnauthorizedOperation',
    ],
    says: 'these credentials may not ask: give them the right that is named, or choose others with AWS_PROFILE',
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
    says: 'AWS has had too many requests: try again in a minute',
  },
  {
    names: [
      'NoSuchBucket',
      'QueueDoesNotExist',
      'AWS.SimpleQueueService.NonExistentQueue',
      'ResourceNotFoundException',
    ],
    says: 'a resource of the stack is not there: deploy the stack again, and check the region',
  },
  {
    names: ['RepositoryNotFoundException'],
    says: 'there is no such repository: check its name, account and region',
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
    says: 'AWS cannot be reached: check the network, AWS_REGION and AWS_ENDPOINT_URL',
  },
];
const DENIED = KINDS.find(({ names }) => names.includes('AccessDenied'))!;

/** An error of AWS or of the network, as one line that says what to do. It is indeterminate, never 0. */
export function couldNotAsk(error: unknown): UserError {
  if (error instanceof UserError) return error;
  if (!(error instanceof Error)) return new UserError(plainText(String(error), 300));
  const { name, message, code = '', $metadata } = error as AwsError;
  if (message.startsWith('Region is missing')) {
    return new UserError('no AWS region: set AWS_REGION, or a region in the profile of AWS_PROFILE');
  }
  if (name === 'ZodError' || name === '$ZodError') {
    return new UserError(
      'this version cannot read what was found: use the version of the command line that the stack was deployed with, or a newer one',
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

/** Whether AWS refuses who asks. */
export function isDenied(error: unknown): boolean {
  const { name = '' } = error as Partial<AwsError>;
  return DENIED.names.includes(name);
}

/** Runs calls to AWS, and turns their errors into errors for people at a terminal. */
export async function asking<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw couldNotAsk(error);
  }
}
