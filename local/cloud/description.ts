import { Credentials } from './aws-clients';

/**
 * What another process needs to use a running cloud. It contains secrets: only its owner may read a file of
 * it.
 */
export interface CloudDescription {
  readonly endpoint: string;
  /** Where images are pushed and pulled: `127.0.0.1:PORT`. */
  readonly registryHost: string;
  readonly account: string;
  readonly region: string;
  /** An administrator made for this run. */
  readonly credentials: Credentials;
  /** Of this run's admin routes. */
  readonly token: string;
  readonly logFile: string;
  /** Every build's PATH begins with it. */
  readonly toolsFolder: string;
  /** MiniStack itself, for the contract tests that show why the gateway replaces some of it. */
  readonly socketPath: string;
}

/** The environment in which SDKs, the CDK and scripts talk to the cloud. */
export function cloudEnvironment({
  endpoint,
  credentials,
  region,
}: CloudDescription): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    ...(credentials.sessionToken !== undefined && { AWS_SESSION_TOKEN: credentials.sessionToken }),
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/** The description of a running cloud. */
export function describeCloud(cloud: CloudDescription): CloudDescription {
  const { endpoint, registryHost, account, region, credentials, token, logFile, toolsFolder, socketPath } =
    cloud;
  return { endpoint, registryHost, account, region, credentials, token, logFile, toolsFolder, socketPath };
}
