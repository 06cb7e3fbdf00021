import * as z from 'zod';
import { fileEntryOf, type Issue, type Rule, type RuleOutcome } from './rule';
import type { RegoMessage } from '../../rego/messages';
import { RegoInBucket, RegoProgram } from '../../rego/rego-program';
import { plainText } from '../../text/plain-text';
import { RelativePath } from '../../text/relative-path';

const common = { rule: z.literal('rego'), action: z.enum(['deny', 'warn']) };
const Entry = z.union([RegoProgram.extend(common), RegoInBucket.extend(common)]);

const REMEDY = 'fix what the policy names, or ask its author';

const about = {
  name: 'rego',
  description: 'Refuses what a Rego policy refuses.',
  refuses: true,
};

/**
 * Whatever no other rule can express. `deny` and `violation` refuse, `warn` warns. A policy that answers
 * neither yes nor no is a failure.
 *
 * A policy file names files; their text takes the place of `files` and `version` in the document.
 */
export const rego: Rule = {
  ...about,
  scanners: ['vuln', 'secret', 'misconfig'], // a policy may look at anything
  entry: Entry,
  fileEntry: fileEntryOf(about, {
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
  }),
  withDefaults: given => given,
  mistakes: () => [],
  check: ({ rego: ask }, document) => {
    const entry = Entry.parse(document);
    if (!('modules' in entry)) {
      return indeterminate(`its Rego files in s3://${entry.bucket}/${entry.prefix} were not read`);
    }
    if (ask === undefined) return indeterminate('it has Rego, and this function has no Rego engine');
    const { rule: _rule, action: _action, ...program } = entry;
    const said = ask(program);
    if (!said.ok) return { failure: { ...said.error, detail: plainText(said.error.detail, 600) } };
    const { denials, warnings, omitted } = said.value;
    return {
      issues: [...denials.map(issue), ...more(omitted.denials)],
      warnings: [...warnings.map(issue), ...more(omitted.warnings)],
    };
  },
};

function indeterminate(why: string): RuleOutcome {
  return {
    failure: {
      cause: 'POLICY_INVALID',
      detail: `the policy cannot be evaluated: ${why}; deploy functions and policy of the same version`,
    },
  };
}

/** Its texts may hold untrusted text: package names, paths, titles (rule 5.5, untrusted text). */
function issue({ message, id, severity, remedy }: RegoMessage): Issue {
  return {
    message: plainText(message, 400),
    remedy: remedy === undefined ? REMEDY : plainText(remedy, 300),
    ...(id !== undefined && { id: plainText(id, 100) }),
    ...(severity !== undefined && { severity }),
  };
}

function more(count: number): Issue[] {
  return count === 0 ? [] : [{ message: `and ${count} more messages`, remedy: REMEDY }];
}
