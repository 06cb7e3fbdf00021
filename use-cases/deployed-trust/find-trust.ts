import type { StackDescription, StackReader } from './deployed-stack';
import type { DeployedFacts } from './template-values';
import {
  environmentsIn,
  resourcesOf,
  trustsIn,
  type FoundTrust,
  type TrustPart,
  type TrustResource,
} from './trusts-in-template';
import { PinnedKeys } from '../../src/core/signing/pinned-keys';
import { parseJson } from '../../src/core/text/json';
import { plainText, quoted } from '../../src/core/text/plain-text';
import { UserError, usageError } from '../../src/core/user-error';

/** What a command asks: a trust, of a deployed stack. */
export interface TrustQuestion {
  readonly stack?: string;
  readonly trust?: string;
  /** Where the stack is looked for, if not where the environment says. */
  readonly region?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface DeployedTrust extends FoundTrust {
  readonly stack: string;
  readonly account: string;
  readonly region: string;
  /** Which keys its gates believe, where the stack says so of more than the one that signs now. */
  readonly pinned: PinnedKeys;
  readonly resources: readonly TrustResource[];
  readonly facts: DeployedFacts;
  /** As CloudFormation says. */
  readonly stackStatus: string;
}

const STACK_VARIABLE = 'TRUSTED_IMAGES_STACK';

/**
 * Finds the trust of a stack. Everything is read from CloudFormation, so that only who can deploy can say
 * which keys are believed.
 */
export async function findTrust(
  { stack, trust, region, environment }: TrustQuestion,
  stacks: StackReader,
): Promise<DeployedTrust> {
  const name = stack ?? environment[STACK_VARIABLE];
  if (name === undefined || name === '') {
    throw usageError(
      `no stack is named: give --stack NAME, or set ${STACK_VARIABLE} to the name of the stack that the trust is deployed with`,
    );
  }
  const described = await stacks.describe(name);
  if (described === undefined) {
    throw new UserError(
      region === undefined
        ? `there is no stack ${quoted(name, 300)} in this account and region: check --stack, AWS_PROFILE and AWS_REGION`
        : `there is no stack ${quoted(name, 300)} in this account and in ${region}, the region of the image: check --stack, AWS_PROFILE and the image`,
    );
  }
  const [template, resources] = await Promise.all([stacks.template(name), stacks.resources(name)]);
  const environments = environmentsIn(template);
  if (environments === undefined) {
    throw new UserError(
      `the template of the stack ${plainText(name, 300)} is not JSON as the CDK writes it: deploy the trust with the CDK`,
    );
  }
  const facts = { ...placeOf(described), parameters: described.parameters, resources };
  const trusts = trustsIn(environments, facts);
  const found = chosen(trusts, trust, plainText(name, 300), environments.length > 0);
  return {
    ...found,
    stack: name,
    account: facts.account,
    region: facts.region,
    pinned: pinnedKeys(found, described),
    resources: resourcesOf(found, trusts, template, facts),
    facts,
    stackStatus: described.status,
  };
}

/** What a trust must have for a command, or one line that says what lacks. */
export function partOf({ parts, id, stack }: DeployedTrust, part: TrustPart): string {
  const value = parts[part];
  if (value !== undefined) return value;
  const [inStack, ofTrust] = [plainText(stack, 300), plainText(id, 300)];
  throw new UserError(
    part in LEFT_OUT
      ? `the trust ${ofTrust} of the stack ${inStack} has no ${LEFT_OUT[part as keyof typeof LEFT_OUT]}`
      : `the stack ${inStack} does not tell the ${LACKING[part as keyof typeof LACKING]} of the trust ${ofTrust}: name the stack that it is deployed with, once that is deployed in full`,
  );
}

/** What a trust may be made without. */
const LEFT_OUT = {
  findings:
    'findings table: leave out findings: FindingsStorage.NONE where it is made, or ask with explain or report',
  grants: 'break-glass: name who may grant where it is made, trust.breakGlass.grantBreakGlass(role)',
} as const satisfies Partial<Record<TrustPart, string>>;

const LACKING: Record<Exclude<TrustPart, keyof typeof LEFT_OUT>, string> = {
  register: 'register',
  policies: 'policy table',
  evidence: 'evidence bucket',
  scanRequests: 'queue of scan requests',
  signingKey: 'signing key',
  pinnedKeys: 'pinned keys',
  enrolment: 'enrolled repositories',
  waiverLifeDays: 'longest life of a waiver',
  backgroundRequests: 'queue of background requests',
  scanProject: 'project of its scans',
  concurrency: 'number of scans at once',
  alertTopics: 'topics of alerts',
};

function chosen(
  trusts: readonly FoundTrust[],
  wanted: string | undefined,
  stack: string,
  hasGates: boolean,
): FoundTrust {
  const names = trusts.map(({ id }) => id).join(', ');
  if (trusts.length === 0) {
    const what = hasGates ? 'holds gates, and no trust' : 'holds no trust';
    throw new UserError(
      `the stack ${stack} ${what}: name the stack that ImageTrust is deployed with; of a nested stack, its ARN`,
    );
  }
  const matching =
    wanted === undefined ? trusts : trusts.filter(({ id, service }) => id === wanted || service === wanted);
  if (matching.length === 1) return matching[0]!;
  if (wanted !== undefined) {
    throw usageError(`the stack ${stack} holds no trust ${quoted(wanted, 300)}, allowed: ${names}`);
  }
  throw usageError(
    `the stack ${stack} holds ${trusts.length} trusts: choose one with --trust, allowed: ${names}`,
  );
}

function placeOf({ arn }: StackDescription): Pick<DeployedFacts, 'partition' | 'region' | 'account'> {
  const [, partition, , region, account] = arn.split(':');
  if (partition === undefined || region === undefined || account === undefined) {
    throw new UserError(`CloudFormation answered a stack without an ARN: ${quoted(arn, 300)}`);
  }
  return { partition, region, account };
}

/**
 * As its gates are told: in this stack by their environment, in others by an output; where there is no gate
 * yet, the key that signs now.
 */
function pinnedKeys(
  { parts: { pinnedKeys: inStack, signingKey } }: FoundTrust,
  { outputs }: StackDescription,
): PinnedKeys {
  const told = [
    inStack,
    ...[...outputs].filter(([name]) => name.startsWith('PinnedKeys')).map(([, value]) => value),
  ];
  for (const text of told) {
    const keys = PinnedKeys.safeParse(parseJson(text ?? ''));
    if (keys.success && (signingKey === undefined || keys.data.some(({ arn }) => arn === signingKey))) {
      return keys.data;
    }
  }
  return signingKey === undefined ? [] : PinnedKeys.parse([{ arn: signingKey }]);
}
