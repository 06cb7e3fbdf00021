import { EnvironmentVariable } from '@aws-sdk/client-codebuild';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { SSM } from '@aws-sdk/client-ssm';
import { Credentials } from '../aws-clients';
import { Buildspec } from './buildspec';
import { Environment } from './step';
import { BuildRecord } from './wire';

export interface EnvironmentInputs {
  readonly build: BuildRecord;
  readonly buildspec: Buildspec;
  readonly credentials: Credentials;
  readonly endpoint: string;
  readonly region: string;
  readonly path: string;
  readonly home: string;
  readonly source: string;
}

/** @see https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html */
export async function buildEnvironment(inputs: EnvironmentInputs): Promise<Environment> {
  const { build, credentials, endpoint, region, path, home, source } = inputs;
  return {
    PATH: path,
    HOME: home,
    TMPDIR: home,
    LANG: 'C.UTF-8',
    CI: 'true',
    ...(await ownVariables(inputs)),
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ENDPOINT_URL: endpoint,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken ?? '',
    CODEBUILD_BUILD_ID: build.id,
    CODEBUILD_BUILD_ARN: build.arn,
    CODEBUILD_BUILD_NUMBER: String(build.buildNumber),
    CODEBUILD_BUILD_IMAGE: build.environment.image ?? '',
    CODEBUILD_INITIATOR: build.initiator ?? '',
    CODEBUILD_LOG_PATH: build.logs.streamName,
    CODEBUILD_SRC_DIR: source,
    CODEBUILD_START_TIME: String(build.startTime * 1000),
  };
}

/**
 * What the build's request says wins over the buildspec. Parameters and secrets are read with the build's own
 * role.
 */
async function ownVariables({
  build,
  buildspec,
  credentials,
  endpoint,
  region,
}: EnvironmentInputs): Promise<Environment> {
  const ssm = new SSM({ endpoint, region, credentials });
  const secrets = new SecretsManager({ endpoint, region, credentials });
  const read = async ({ type, value = '' }: Partial<EnvironmentVariable>): Promise<string> => {
    if (type === 'PARAMETER_STORE') {
      return (await ssm.getParameter({ Name: value, WithDecryption: true })).Parameter?.Value ?? '';
    }
    return type === 'SECRETS_MANAGER' ? secretValue(secrets, value) : value;
  };
  const wanted: [string, Partial<EnvironmentVariable>][] = [
    ...Object.entries(buildspec.env.variables).map(
      ([name, value]): [string, Partial<EnvironmentVariable>] => [name, { value }],
    ),
    ...Object.entries(buildspec.env['parameter-store']).map(
      ([name, value]): [string, Partial<EnvironmentVariable>] => [name, { value, type: 'PARAMETER_STORE' }],
    ),
    ...Object.entries(buildspec.env['secrets-manager']).map(
      ([name, value]): [string, Partial<EnvironmentVariable>] => [name, { value, type: 'SECRETS_MANAGER' }],
    ),
    ...(build.environment.environmentVariables ?? []).map(
      (variable): [string, Partial<EnvironmentVariable>] => [variable.name!, variable],
    ),
  ];
  return Object.fromEntries(
    await Promise.all(wanted.map(async ([name, variable]) => [name, await read(variable)] as const)),
  );
}

/** `<secret>:<json key>:…`, where the secret is a name or an ARN. */
async function secretValue(secrets: SecretsManager, reference: string): Promise<string> {
  const parts = reference.split(':');
  const idLength = reference.startsWith('arn:') ? 7 : 1;
  const { SecretString: text = '' } = await secrets.getSecretValue({
    SecretId: parts.slice(0, idLength).join(':'),
  });
  const key = parts[idLength];
  return key ? String((JSON.parse(text) as Record<string, unknown>)[key]) : text;
}
