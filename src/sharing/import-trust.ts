import { Arn, ArnFormat, Aws, Fn, Stack, Token } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import {
  IMPORT_FROM_ATTRIBUTES,
  IMPORT_FROM_PARAMETERS,
  IMPORT_FROM_STACK,
  IMPORTED_SIGNING_KEY,
  type ImportedSigningKey,
  type ImportFromAttributesProps,
  type ImportFromParametersProps,
  type ImportFromStackProps,
} from './import-props';
import {
  ImportedTrust,
  type ImportedGrants,
  type ImportedKeys,
  type ImportedParts,
  type ReadFrom,
  type TopicOfTrust,
} from './imported-trust';
import { EmergencyAccess } from '../break-glass/break-glass';
import { EnvironmentName } from '../core/environment';
import { outputName, parameterName, whyUnknownSchema, type PublishedPart } from '../core/sharing/contract';
import { PinnedKeys } from '../core/signing/pinned-keys';
import type { IImageTrust } from '../gates/i-image-trust';
import { checkProperties } from '../properties/properties';

/** By the outputs of the stack of the trust. @internal */
export function importFromStack(scope: Construct, id: string, props: ImportFromStackProps): IImageTrust {
  checkProperties('ImportFromStackProps', props, IMPORT_FROM_STACK);
  const { stackName, region, alertTopic, emergencyAccess, ...options } = props;
  const stack = Stack.of(scope);
  if (region !== undefined && region !== stack.region && alertTopic === undefined) {
    throw new Error(
      `the trust ${scope.node.path}/${id} is in ${Token.isUnresolved(region) ? 'a region given as a token' : region}, and alarms need a topic of their own region: set alertTopic`,
    );
  }
  const read = (part: PublishedPart) => Fn.getStackOutput(stackName, outputName(part), region);
  const readFrom: ReadFrom = {
    variables: { [EnvironmentName.trustOutputs]: stackName },
    actions: ['cloudformation:DescribeStacks'],
    resourceArns: [
      stack.formatArn({
        service: 'cloudformation',
        resource: 'stack',
        resourceName: `${stackName}/*`,
        region,
      }),
    ],
  };
  return new ImportedTrust(scope, id, {
    ...options,
    env: { account: stack.account, region: region ?? stack.region },
    topic: alertTopic ?? (() => topicOf(read)),
    partsIn: () =>
      published(read, readFrom, { readAtDeployment: read('signingKeys') }, emergencyAccess, stackName),
  });
}

/** By the parameters of the trust. @internal */
export function importFromParameters(
  scope: Construct,
  id: string,
  props: ImportFromParametersProps,
): IImageTrust {
  checkProperties('ImportFromParametersProps', props, IMPORT_FROM_PARAMETERS);
  const { publishedAs, signingKeys, alertTopic, emergencyAccess, ...options } = props;
  const { account, region } = Stack.of(scope);
  const keys = pinned(scope, id, signingKeys);
  // a template has room for 60 dynamic references, so a place is read once for a stack
  const readIn = (stack: Stack) => (part: PublishedPart) =>
    StringParameter.valueForStringParameter(stack, parameterName(publishedAs, part));
  const readFrom: ReadFrom = {
    variables: { [EnvironmentName.trustParameters]: publishedAs },
    actions: ['ssm:GetParameter'],
    resourceArns: (['schemaVersion', 'repositories'] as const).map(part =>
      Stack.of(scope).formatArn({
        service: 'ssm',
        resource: `parameter${parameterName(publishedAs, part)}`,
      }),
    ),
  };
  return new ImportedTrust(scope, id, {
    ...options,
    env: { account, region },
    topic: alertTopic ?? (stack => topicOf(readIn(stack))),
    partsIn: stack => published(readIn(stack), readFrom, keys, emergencyAccess),
  });
}

/** By copied outputs. @internal */
export function importFromAttributes(
  scope: Construct,
  id: string,
  given: ImportFromAttributesProps,
): IImageTrust {
  checkProperties('ImportFromAttributesProps', given, IMPORT_FROM_ATTRIBUTES);
  const { signingKeys, alertTopic, repositories, ...props } = given;
  const { schemaVersion, registerTableArn, policiesTableArn, scanRequestsQueueArn, evidenceBucketName } =
    props;
  const unknown = Token.isUnresolved(schemaVersion) ? undefined : whyUnknownSchema(schemaVersion);
  if (unknown !== undefined) throw new Error(`${scope.node.path}/${id}: ${unknown}`);
  const { network, gate } = props;
  const { account, region } = Arn.split(registerTableArn, ArnFormat.SLASH_RESOURCE_NAME);
  const enrolled =
    repositories && Stack.of(scope).toJsonString(repositories.map(repository => repository._enrolment()));
  const parts: ImportedParts = {
    schemaVersion,
    registerTableArn,
    policiesTableArn,
    scanRequestsQueueArn,
    scanRequestsQueueUrl: props.scanRequestsQueueUrl ?? urlOf(scanRequestsQueueArn),
    evidenceBucketName,
    breakGlass: grantsAt(scope, id, props),
    repositories: enrolled,
    keys: pinned(scope, id, signingKeys),
  };
  return new ImportedTrust(scope, id, {
    network,
    gate,
    env: { account: account!, region: region! },
    topic: alertTopic,
    partsIn: () => parts,
  });
}

function urlOf(queueArn: string): string {
  const { account, region, resource } = Arn.split(queueArn, ArnFormat.NO_RESOURCE_NAME);
  return `https://sqs.${region}.${Aws.URL_SUFFIX}/${account}/${resource}`;
}

function grantsAt(
  scope: Construct,
  id: string,
  {
    grantsTableArn,
    grantMessagesQueueArn,
    grantMessagesQueueUrl,
  }: Pick<ImportFromAttributesProps, 'grantsTableArn' | 'grantMessagesQueueArn' | 'grantMessagesQueueUrl'>,
): ImportedGrants | undefined {
  if (grantsTableArn === undefined && grantMessagesQueueArn === undefined) return undefined;
  if (grantsTableArn === undefined || grantMessagesQueueArn === undefined) {
    throw new Error(
      `the trust ${scope.node.path}/${id} has ${grantsTableArn === undefined ? 'grantMessagesQueueArn without grantsTableArn' : 'grantsTableArn without grantMessagesQueueArn'}, allowed: both or neither, because no grant is used without a record of it`,
    );
  }
  return {
    tableArn: grantsTableArn,
    queueArn: grantMessagesQueueArn,
    queueUrl: grantMessagesQueueUrl ?? urlOf(grantMessagesQueueArn),
  };
}

type Read = (part: PublishedPart) => string;

/** Each part is read where it is used, so that a template names no other. */
function published(
  read: Read,
  readFrom: ReadFrom,
  keys: ImportedKeys,
  emergencyAccess: EmergencyAccess | undefined,
  stackName?: string,
): ImportedParts {
  return {
    keys,
    get schemaVersion() {
      return read('schemaVersion');
    },
    get registerTableArn() {
      return read('registerTableArn');
    },
    get policiesTableArn() {
      return read('policiesTableArn');
    },
    get scanRequestsQueueArn() {
      return read('scanRequestsQueueArn');
    },
    get scanRequestsQueueUrl() {
      return read('scanRequestsQueueUrl');
    },
    get evidenceBucketName() {
      return read('evidenceBucketName');
    },
    get repositories() {
      return read('repositories');
    },
    readFrom,
    ...(emergencyAccess === EmergencyAccess.BREAK_GLASS && { breakGlass: { ...grantsOf(read), stackName } }),
  };
}

function grantsOf(read: Read): ImportedGrants {
  return {
    tableArn: read('grantsTableArn'),
    queueArn: read('grantMessagesQueueArn'),
    queueUrl: read('grantMessagesQueueUrl'),
  };
}

function topicOf(read: Read): TopicOfTrust {
  return { topicArn: read('alertsTopicArn'), keyArn: read('alertsTopicKeyArn') };
}

/** Stands for an ARN that is a token: that is checked when an image is deployed. */
const UNKNOWN = 'arn:aws:kms:us-east-1:000000000000:key/token';

function pinned(scope: Construct, id: string, keys: readonly ImportedSigningKey[]): ImportedKeys {
  for (const key of keys) checkProperties('ImportedSigningKey', key, IMPORTED_SIGNING_KEY);
  const named = keys.map(({ keyArn: arn, acceptedUntil }) => ({
    arn,
    ...(acceptedUntil !== undefined && { acceptedUntil }),
  }));
  const read = PinnedKeys.safeParse(
    named.map(key => (Token.isUnresolved(key.arn) ? { ...key, arn: UNKNOWN } : key)),
  );
  if (!read.success) {
    const { path, message } = read.error.issues[0]!;
    throw new Error(
      `signingKeys of ${scope.node.path}/${id} cannot be read (${path.join('.') || 'the list'}: ${message}; given ${JSON.stringify(named)}), allowed: at least one key, by its ARN arn:<partition>:kms:<region>:<account>:key/<id>, and acceptedUntil as ISO 8601 in UTC, for example "2027-01-31T00:00:00Z"`,
    );
  }
  return { document: Stack.of(scope).toJsonString(named), arns: named.map(({ arn }) => arn) };
}
