import * as z from 'zod';
import { deployedValue, type DeployedFacts, type DeployedResource } from './template-values';
import { EnvironmentName } from '../../src/core/environment';

/** What commands need of a trust: how its functions call it in their environment. */
const NEEDED = {
  register: EnvironmentName.register,
  policies: EnvironmentName.policies,
  findings: EnvironmentName.findings,
  evidence: EnvironmentName.evidence,
  scanRequests: EnvironmentName.scanRequests,
  signingKey: EnvironmentName.signingKey,
  pinnedKeys: EnvironmentName.pinnedKeys,
  enrolment: EnvironmentName.repositories,
  waiverLifeDays: EnvironmentName.waiverLifeDays,
  backgroundRequests: EnvironmentName.backgroundRequests,
  scanProject: EnvironmentName.scanProject,
  concurrency: EnvironmentName.concurrency,
  alertTopics: EnvironmentName.alertTopics,
  grants: EnvironmentName.grants,
} as const;
export type TrustPart = keyof typeof NEEDED;

export interface FoundTrust {
  /** What people call it: the id of its construct, as far as the template tells. */
  readonly id: string;
  /** What its functions log and count under. */
  readonly service: string;
  readonly parts: Readonly<Partial<Record<TrustPart, string>>>;
}

/** The trust's functions all have this: it tells trusts of one stack apart. */
const SERVICE = 'POWERTOOLS_SERVICE_NAME';

const LONE_REGISTER = 'Register';

const Template = z.object({
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.unknown().optional() })),
});
const Variables = z.object({ Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }) });
type Variables = z.infer<typeof Variables>['Environment']['Variables'];

/**
 * The environments of all functions of trusts and of their gates. Those of break-glass know its table, and no
 * register. Undefined: this is no template.
 */
export function environmentsIn(template: unknown): Variables[] | undefined {
  const read = Template.safeParse(template);
  if (!read.success) return undefined;
  const functions = Object.values(read.data.Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
  const environments = functions.flatMap(({ Properties }) => {
    const variables = Variables.safeParse(Properties);
    return variables.success ? [variables.data.Environment.Variables] : [];
  });
  const { register, grants } = EnvironmentName;
  return environments.filter(
    variables =>
      typeof variables[SERVICE] === 'string' &&
      [register, grants].some(each => variables[each] !== undefined),
  );
}

/**
 * The trusts that are deployed with a stack. Its functions name what they work with, so that is found whoever
 * made it and whatever it is called; gates of a trust that lies elsewhere name it too, but sign and judge
 * nothing, and are none.
 */
export function trustsIn(environments: readonly Variables[], facts: DeployedFacts): FoundTrust[] {
  // a gate of an imported trust names tables of another app
  const ours = environments.filter(variables => variables[EnvironmentName.trustOwner] === undefined);
  const groups = [...grouped(ours)].map(([service, group]) => ({
    id: idOf(group, service),
    service,
    parts: partsOf(group, facts),
  }));
  return groups.filter(({ parts }) => isTrust(parts));
}

/** A resource of a trust: what the template says of it, and what was deployed. */
export interface TrustResource extends DeployedResource {
  readonly logicalId: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/**
 * What was deployed within the construct of a trust: its logical ids begin with that construct's, and with
 * that of no other trust of the stack that has a longer id: those of `Trust2` are not those of `Trust`. A
 * register that stands alone names no construct around it, so all of its stack counts that is of no other.
 */
export function resourcesOf(
  { id, service }: FoundTrust,
  all: readonly FoundTrust[],
  template: unknown,
  facts: DeployedFacts,
): TrustResource[] {
  const read = Template.safeParse(template);
  const prefixOf = (trust: string) => (trust === LONE_REGISTER ? '' : trust);
  const longer = all.map(other => prefixOf(other.id)).filter(prefix => prefix.length > prefixOf(id).length);
  const isWithin = (logicalId: string) =>
    logicalId.startsWith(prefixOf(id)) && !longer.some(prefix => logicalId.startsWith(prefix));
  return Object.entries(read.data?.Resources ?? {}).flatMap(([logicalId, { Type, Properties }]) => {
    const deployed = facts.resources.get(logicalId);
    // the function that images ask has an id of its own, whatever its construct is called
    const of = serviceOf(Properties);
    const isOurs = all.some(each => each.service === of) ? of === service : isWithin(logicalId);
    if (deployed === undefined || !isOurs) return [];
    const properties = (Properties ?? {}) as Record<string, unknown>;
    return [{ ...deployed, logicalId, type: Type, properties }];
  });
}

function serviceOf(properties: unknown): unknown {
  return Variables.safeParse(properties).data?.Environment.Variables[SERVICE];
}

function grouped(environments: readonly Variables[]): Map<string, Variables[]> {
  const groups = new Map<string, Variables[]>();
  for (const each of environments) {
    groups.set(each[SERVICE] as string, [...(groups.get(each[SERVICE] as string) ?? []), each]);
  }
  return groups;
}

function isTrust({ signingKey, findings, policies, enrolment }: FoundTrust['parts']): boolean {
  return [signingKey, findings, policies, enrolment].some(part => part !== undefined);
}

function partsOf(group: readonly Variables[], facts: DeployedFacts): FoundTrust['parts'] {
  const entries = (Object.entries(NEEDED) as [TrustPart, string][]).map(([part, name]) => {
    const expression = group.map(variables => variables[name]).find(value => value !== undefined);
    return [part, deployedValue(expression, facts)] as const;
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** `TrustRegister70213485` is the register of `Trust`; a register that stands alone gives its own name. */
function idOf(group: readonly Variables[], service: string): string {
  const logicalId = group
    .map(variables => (variables[EnvironmentName.register] as { Ref?: unknown } | undefined)?.Ref)
    .find(ref => typeof ref === 'string');
  if (logicalId === undefined) return service;
  const name = logicalId.replace(/[0-9A-F]{8}$/, '');
  return name === LONE_REGISTER ? name : name.replace(/Register$/, '');
}
