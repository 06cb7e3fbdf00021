import { CliError } from '../exit-code';
import { shown } from '../output';

interface AwsError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly code?: string;
}

const WHO: readonly RegExp[] = [/^CredentialsProviderError$/, /^TokenProviderError$/];
const NOT_ACCEPTED = /^(?:ExpiredToken|ExpiredTokenException|InvalidClientTokenId|UnrecognizedClientException|InvalidSignatureException|SignatureDoesNotMatch|InvalidAccessKeyId|IncompleteSignature|RequestExpired)$/;
const DENIED = /^(?:AccessDenied|AccessDeniedException|AccessDeniedError|UnauthorizedOperation|Forbidden|AuthorizationError|KMSAccessDeniedException|AWS\.SimpleQueueService\.AccessDenied)$/;
const NETWORK = /^(?:ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|EPIPE|CERT_HAS_EXPIRED|SELF_SIGNED_CERT_IN_CHAIN)$/;
const THROTTLED = /^(?:Throttling|ThrottlingException|ThrottledException|TooManyRequestsException|RequestLimitExceeded|ProvisionedThroughputExceededException|SlowDown)$/;
const GONE = /^(?:ResourceNotFoundException|NoSuchBucket|QueueDoesNotExist|AWS\.SimpleQueueService\.NonExistentQueue)$/;

/** What AWS, or the way there, answered, as one line that says what to do. Whoever could not look has been told nothing: never 0. */
export function couldNotAsk(error: unknown): CliError {
  if (error instanceof CliError) return error;
  if (!(error instanceof Error)) return new CliError(shown(String(error)));
  const { name, message, code = '', $metadata } = error as AwsError;
  const said = shown(name === 'Error' ? message : `${name}: ${message}`, 500);
  if (WHO.some(each => each.test(name))) return new CliError(`no AWS credentials: set AWS_PROFILE, or sign in with "aws sso login" (${shown(message)})`);
  if (/^Region is missing/.test(message)) return new CliError('no AWS region: set AWS_REGION, or a region in the profile of AWS_PROFILE');
  if (NOT_ACCEPTED.test(name)) return new CliError(`AWS does not accept these credentials: sign in again, and look at the clock of this machine (${said})`);
  if (DENIED.test(name) || $metadata?.httpStatusCode === 403) return new CliError(`these credentials may not ask: let them do what is named, or take others with AWS_PROFILE (${said})`);
  if (THROTTLED.test(name)) return new CliError(`AWS is asked too often: try again in a minute (${said})`);
  if (GONE.test(name)) return new CliError(`what the stack names is not there: deploy it again, and look at the region (${said})`);
  if (NETWORK.test(code) || name === 'TimeoutError') return new CliError(`AWS cannot be reached: look at the network, at AWS_REGION and AWS_ENDPOINT_URL (${said})`);
  if (name === 'ZodError' || name === '$ZodError') return new CliError('what was found cannot be read by this version: take the version of the command line that the stack was deployed with, or a newer one');
  return new CliError(said);
}

/** Runs what asks AWS. */
export async function asking<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw couldNotAsk(error);
  }
}
