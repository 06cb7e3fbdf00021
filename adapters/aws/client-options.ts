import { Seconds, Tries } from '../../src/core/times';
import type { Caller } from '../caller';

/**
 * What every client gets. Credentials and endpoint are the SDK's own business: AWS_PROFILE, AWS_ENDPOINT_URL,
 * …
 */
export interface ClientOptions {
  readonly region?: string;
  readonly maxAttempts: number;
  readonly requestHandler: { readonly connectionTimeout: number; readonly requestTimeout: number };
}

/**
 * The SDK's own warning tells authors of the Node that they should take; who runs a command did not choose
 * it.
 */
const SDK_WARNING = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';

/** @param region where something lies, whatever the environment says */
export function clientOptions({ environment }: Pick<Caller, 'environment'>, region?: string): ClientOptions {
  process.env[SDK_WARNING] ??= 'true';
  // the SDK does not know the second one
  const chosen = region ?? (environment.AWS_REGION || environment.AWS_DEFAULT_REGION || undefined);
  return {
    ...(chosen !== undefined && { region: chosen }),
    maxAttempts: Tries.aws,
    requestHandler: {
      connectionTimeout: Seconds.awsConnect * 1000,
      requestTimeout: Seconds.awsAnswer * 1000,
    },
  };
}
