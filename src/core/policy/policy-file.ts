import type * as z from 'zod';
import { Seconds } from '../times';
import { Policy } from './policy';
import { errorOf } from './policy-file-messages';
import {
  readCatalogFile,
  readRegoFiles,
  readWaiverFiles,
  type PolicyFileOptions,
  type Say,
} from './policy-file-references';
import {
  PolicyFileLimit,
  PolicyFileSchema,
  type FilePolicy,
  type FileRule,
  type WaiverFileSource,
} from './policy-file-schema';
import type { PolicySet } from './policy-set';
import { audited, PRESETS, type PolicyDraft } from './presets';
import { RULES } from './rules';
import { failed, ok, type Result } from '../result';
import type { Parameters } from './rules/rule';
import { given, inOrder, showProblem, type WaiverProblem } from '../text/problem';
import { readYaml } from '../text/yaml-document';
import type { Waivers } from '../waivers/waiver';

/** Rules that name files in a policy file; their content is in the document. */
const NAME_FILES: ReadonlySet<string> = new Set(['exploited-vulnerabilities', 'rego']);

export interface PolicyFileContent {
  readonly set: PolicySet;
  readonly waivers: Waivers;
  /** The files that the waivers come from. */
  readonly waiverSources: readonly WaiverFileSource[];
  readonly maxWaiverLifeDays: number;
}

/**
 * A policy, policies for some repositories, and waivers, from one file. Every problem at once, each with its
 * file and line.
 */
export function readPolicyFile(
  text: string,
  { file, read, check, now }: PolicyFileOptions,
): Result<PolicyFileContent, string[]> {
  const document = readYaml(text, file, PolicyFileLimit.bytes);
  if (!document.ok) return failed(document.error.map(showProblem));
  const problems: WaiverProblem[] = [];
  const elsewhere: string[] = [];
  const say: Say = (path, message) => problems.push({ file, ...document.value.at(path), message });
  const parsed = PolicyFileSchema.safeParse(document.value.value, { error: errorOf, reportInput: true });
  for (const issue of parsed.error?.issues ?? []) sayIssue(issue, say);
  if (!parsed.success) return failed(inOrder(problems).map(showProblem));

  const folder = file.replace(/[^/\\]*$/, '');
  const { policy, repositoryPolicies = [], waivers = [], maxWaiverLifeDays = 90 } = parsed.data;
  const policyOf = (of: FilePolicy, path: readonly PropertyKey[]): Policy | undefined => {
    const sayElsewhere = (message: string) => elsewhere.push(message);
    const draft = draftOf(of, path, say, (rule, at) =>
      rule.rule === 'rego'
        ? readRegoFiles(rule, { at, folder, read, check, say, sayElsewhere })
        : readCatalogFile(rule, { at, read, say }),
    );
    return draft === undefined ? undefined : checked(draft, path, say);
  };
  const set = {
    default: policyOf(policy, ['policy']),
    scoped: repositoryPolicies.map(({ repositories, policy: other }, index) => ({
      repositories: repositories.map(selectorOf),
      policy: policyOf(other, ['repositoryPolicies', index, 'policy']),
    })),
  };
  const accepted = readWaiverFiles(waivers, {
    folder,
    read,
    say,
    life: { maxLifeDays: maxWaiverLifeDays, now },
  });
  elsewhere.push(...accepted.problems.map(showProblem));
  if (problems.length + elsewhere.length > 0) {
    return failed([...inOrder(problems).map(showProblem), ...new Set(elsewhere)]);
  }
  return ok({
    set: set as PolicySet,
    waivers: accepted.waivers,
    waiverSources: waivers,
    maxWaiverLifeDays,
  });
}

function selectorOf(
  selector: { prefix: string } | { name: string },
): PolicySet['scoped'][number]['repositories'][number] {
  return 'prefix' in selector
    ? { by: 'prefix', prefix: selector.prefix }
    : { by: 'name', name: selector.name };
}

function sayIssue(issue: z.core.$ZodIssue, say: Say): void {
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // the alternative whose keys are all known is the one that was meant
    const meant = issue.errors.find(each => !each.some(({ code }) => code === 'unrecognized_keys'));
    if (meant !== undefined) {
      return meant.forEach(each => sayIssue({ ...each, path: [...issue.path, ...each.path] }, say));
    }
  }
  if (issue.code !== 'unrecognized_keys') return say(issue.path, issue.message);
  const where = String(issue.path.filter(step => typeof step === 'string').at(-1) ?? 'the document');
  for (const key of issue.keys) {
    say([...issue.path, key], `${given(key)} is not a key of ${where}, ${issue.message}`);
  }
}

/** The document of a policy. Undefined where a problem was found. */
function draftOf(
  { extends: base, name, maxAgeHours, audit, without = [], rules = [] }: FilePolicy,
  path: readonly PropertyKey[],
  say: Say,
  readNamed: (rule: FileRule, at: readonly PropertyKey[]) => Parameters | undefined,
): PolicyDraft | undefined {
  let isWhole = true;
  const refuse: Say = (at, message) => {
    isWhole = false;
    say([...path, ...at], message);
  };
  const preset: PolicyDraft | undefined =
    base === undefined ? undefined : PRESETS[base === 'audit' ? 'strict' : base];
  if (preset === undefined && name === undefined) {
    refuse(
      [],
      'name is missing, allowed: 1 to 64 characters; or extend another policy, for example extends: standard',
    );
  }
  const has = [...new Set(preset?.rules.map(({ rule }) => rule))];
  without.forEach((rule, index) => {
    if (preset === undefined) {
      refuse(
        ['without', index],
        `without names ${given(rule)}, and the policy extends no other; take it out of rules instead`,
      );
    } else if (!has.includes(rule)) {
      refuse(
        ['without', index],
        `without names ${given(rule)}, allowed: a rule of ${base}: ${has.join(', ')}`,
      );
    }
  });
  const own = (rules as unknown as readonly FileRule[]).map((rule, index) => {
    const { rule: ruleName, action = 'deny', ...parameters } = rule;
    const namesFiles = NAME_FILES.has(ruleName);
    const content = namesFiles ? readNamed(rule, [...path, 'rules', index]) : undefined;
    if (namesFiles && content === undefined) isWhole = false;
    const { withDefaults, mistakes } = RULES.get(ruleName)!;
    const whole = content ?? withDefaults(parameters);
    for (const { path: at, message } of mistakes(whole)) refuse(['rules', index, ...at], message);
    // the order of keys in which `PolicyRule` writes them
    return { rule: ruleName, ...whole, action };
  });
  if (!isWhole) return undefined;
  const draft: PolicyDraft = {
    name: name ?? preset!.name,
    maxAgeHours: maxAgeHours ?? preset?.maxAgeHours ?? Seconds.verdictMaxAge / 3600,
    rules: [...(preset?.rules ?? []).filter(({ rule }) => !without.includes(rule)), ...own],
  };
  if (base !== 'audit' && audit !== true) return draft;
  const reporting = audited(draft, rule => RULES.get(rule)!.refuses);
  return name === undefined ? reporting : { ...reporting, name };
}

/**
 * Checked by the schema that deployed functions read it with. The draft keeps its order of keys, which is
 * that of `ImagePolicy`, so that both give the same text.
 */
function checked(draft: PolicyDraft, path: readonly PropertyKey[], say: Say): Policy | undefined {
  const policy = Policy.safeParse(draft);
  for (const { message } of policy.error?.issues ?? []) say(path, message);
  return policy.success ? (draft as unknown as Policy) : undefined;
}
