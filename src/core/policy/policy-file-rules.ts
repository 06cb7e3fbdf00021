import * as z from 'zod';
import type { RuleEntry } from './presets';
import { RULES } from './rules';
import { SUPPLIERS } from './rules/package-suppliers';
import { Severity } from '../scanning/finding';

const severities = z.array(Severity).min(1);
const action = z
  .enum(['deny', 'warn'])
  .optional()
  .describe(
    'deny (the default): what it finds refuses the image. warn: it is reported only. A rule of a policy for audit always warns.',
  );

/**
 * A path in the file: relative to it, with slashes, so that the file means the same wherever the folder lies.
 */
export const RelativePath = z
  .string()
  .min(1)
  .max(1024)
  .refine(path => !/^[/\\~]|^[A-Za-z]:|\\/.test(path), {
    error: 'a path is absolute or has a backslash, allowed: one relative to this file, with /',
  });

/** What a file may leave out of a rule, or says in another way than a policy document does. */
const OWN: Readonly<Record<string, z.ZodRawShape>> = {
  vulnerabilities: {
    severities: severities
      .optional()
      .describe('The severities that count. Without it CRITICAL; with scoreAtLeast all but UNKNOWN.'),
    onlyFixed: z.boolean().optional().describe('Leave out what no version fixes; true if it is left out.'),
  },
  misconfigurations: {
    severities: severities.optional().describe('The severities that count. Without it CRITICAL and HIGH.'),
  },
  coverage: {
    trustedSuppliers: z
      .array(z.enum(SUPPLIERS))
      .min(1)
      .max(SUPPLIERS.length)
      .optional()
      .describe(
        "Suppliers whose advisories may stand in place of the distribution's, and who are believed to fix what has reached its end of life. Without it none.",
      ),
  },
  'end-of-life-os': {
    noticeDays: z.int().min(1).max(3650).optional().describe('How many days before the last day it warns.'),
  },
  rego: {
    files: z
      .array(RelativePath)
      .min(1)
      .max(50)
      .describe(
        'Files, and folders of which each .rego file but tests (_test.rego) counts; relative to this file. They are compiled together.',
      ),
    version: z
      .enum(['v0', 'v1'])
      .optional()
      .describe(
        'The version of the language. Without it each file by itself: as v1, and where that fails, as v0.',
      ),
    data: z.record(z.string(), z.json()).optional().describe('Documents that the policy sees as data.'),
  },
};

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  'allowed-base-images': 'Refuses images that are built on anything else.',
  coverage:
    'Cannot tell where Trivy could not have found anything, or not in the advisories of who made the packages.',
  'database-age': 'Cannot tell where the vulnerability database is older.',
  'denied-packages': 'Refuses packages, vulnerable or not.',
  'end-of-life-os': 'Refuses operating systems whose release gets no security fixes any more.',
  'image-age': 'Refuses images that were built too long ago.',
  licenses: 'Refuses packages under certain licences.',
  misconfigurations: "Refuses images whose history and config fail Trivy's checks.",
  rego: 'Refuses what a Rego policy refuses.',
  'required-labels': 'Refuses images that lack a label.',
  'runs-as-root': 'Refuses images that start as root.',
  secrets: 'Refuses secrets, also in files that a later layer deletes.',
  vulnerabilities: 'Refuses vulnerabilities by severity, fix and score.',
};

/** A rule as a file says it: the parameters of a policy document, with the defaults of `PolicyRule`. */
function ruleSchema(name: string): z.ZodObject {
  const {
    rule: _rule,
    action: _action,
    ...parameters
  } = name === 'rego' ? {} : (RULES.get(name)!.entry as z.ZodObject).shape;
  const shape = {
    rule: z.literal(name),
    ...(RULES.get(name)!.refuses && { action }),
    ...parameters,
    ...OWN[name],
  };
  return z.strictObject(shape).describe(DESCRIPTIONS[name] ?? name);
}

export const FileRule = z.discriminatedUnion(
  'rule',
  [...RULES.keys()].sort().map(ruleSchema) as unknown as [z.ZodObject, ...z.ZodObject[]],
);
export interface FileRule {
  readonly rule: string;
  readonly action?: 'deny' | 'warn';
  readonly [parameter: string]: unknown;
}

/**
 * The entry of a policy document, its keys in the order in which `PolicyRule` writes them. `program`: what
 * the files of Rego say.
 */
export function entryOf(
  { rule, action: said = 'deny', ...given }: FileRule,
  program: object | undefined,
): RuleEntry {
  return { rule, ...(program ?? withDefaults(rule, given)), action: said };
}

function withDefaults(rule: string, given: Record<string, unknown>): object {
  if (rule === 'misconfigurations') return { severities: given.severities ?? ['CRITICAL', 'HIGH'] };
  if (rule !== 'vulnerabilities') return given;
  const { severities: named, onlyFixed = true, scoreAtLeast, graceDays } = given;
  return {
    severities: named ?? (scoreAtLeast === undefined ? ['CRITICAL'] : ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW']),
    onlyFixed,
    ...(scoreAtLeast !== undefined && { scoreAtLeast }),
    ...(graceDays !== undefined && Object.keys(graceDays as object).length > 0 && { graceDays }),
  };
}

/** Severities that have a grace period in a rule that does not refuse them: somebody believes that they count. */
export function noGracePeriods({ severities: counted, graceDays }: RuleEntry): string[] {
  return Object.keys((graceDays ?? {}) as object).filter(
    severity => !(counted as readonly string[]).includes(severity),
  );
}
