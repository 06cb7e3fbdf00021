import { Credentials } from './aws-clients';

/** A cloud for scripts and tests: the embedded one, or an account on AWS. */
export interface CloudDescription {
  /** @default - that of each service on AWS */
  readonly endpoint?: string;
  /** Where images are pushed and pulled: `127.0.0.1:PORT`, or the host of ECR. */
  readonly registryHost: string;
  readonly account: string;
  readonly region: string;
  /** @default - those that every SDK finds in the environment of this process */
  readonly credentials?: Credentials;
  readonly logFile: string;
  /** What is made in an account of others bears a mark. @default - the cloud is of this run alone */
  readonly mark?: Mark;
}

/**
 * The mark of one check of an account: in the name of what is made by a call, and in a tag of what a stack
 * makes.
 */
export interface Mark {
  readonly id: string;
}

export const MARK_TAG = 'aws-check';

/** The embedded cloud. The description contains secrets: only its owner may read a file of it. */
export interface EmbeddedCloud extends CloudDescription {
  readonly endpoint: string;
  /** An administrator made for this run. */
  readonly credentials: Credentials;
  /** Of this run's admin routes. */
  readonly token: string;
  /** Every build's PATH begins with it. */
  readonly toolsFolder: string;
  /** MiniStack itself, for the contract tests that show why the gateway replaces some of it. */
  readonly socketPath: string;
}

/** For what needs the emulator itself, and says so to whoever asks on AWS. */
export function embedded(cloud: CloudDescription): EmbeddedCloud {
  if (!('socketPath' in cloud)) {
    throw new Error(
      'only the embedded cloud can do this, and this cloud is not one; a test that needs it stands under onlyEmulated()',
    );
  }
  return cloud as EmbeddedCloud;
}

/** The environment in which SDKs, the CDK and scripts talk to the cloud. */
export function cloudEnvironment(
  { endpoint, credentials, region }: CloudDescription,
  own: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  return {
    ...(credentials === undefined ? awsVariables(own) : keyVariables(credentials)),
    ...(endpoint !== undefined && { AWS_ENDPOINT_URL: endpoint, AWS_EC2_METADATA_DISABLED: 'true' }),
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
  };
}

/** The description of a running cloud. */
export function describeCloud(cloud: EmbeddedCloud): EmbeddedCloud {
  const { endpoint, registryHost, account, region, credentials, token, logFile, toolsFolder, socketPath } =
    cloud;
  return { endpoint, registryHost, account, region, credentials, token, logFile, toolsFolder, socketPath };
}

function keyVariables({ accessKeyId, secretAccessKey, sessionToken }: Credentials): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken !== undefined && { AWS_SESSION_TOKEN: sessionToken }),
  };
}

/** The profile and the files that hold it, or keys. */
function awsVariables(own: NodeJS.ProcessEnv): Record<string, string> {
  const ours = Object.entries(own).filter(([name, value]) => name.startsWith('AWS_') && value !== undefined);
  return Object.fromEntries(ours) as Record<string, string>;
}
