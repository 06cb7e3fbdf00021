import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import deprecatedIds from 'spdx-license-ids/deprecated.json';
import type { Outcome, Suite } from './suite';
import { unavoidable } from '../../src/core/policy/rules/spdx-expression';

/** Whether an expression can be satisfied with these licences. */
export interface ChoiceCase {
  readonly expression: string;
  readonly allowed: readonly string[];
  readonly satisfied: boolean;
}

/**
 * The rows of `TestSatisfies` in `spdxexp/satisfies_test.go` of github.com/github/go-spdx, which begins with
 * those of spdx-satisfies. Left out are rows that end in an error, and those about ranges of versions: there
 * is no list of allowed licences here, so nothing says that GPL-3.0 is among GPL-2.0+.
 */
export function goSpdxCases(source: string): ChoiceCase[] {
  const table = /func TestSatisfies\(t[^]*?\n\}\n/.exec(source)?.[0] ?? '';
  const rows = table.matchAll(
    /\{"(?:[^"\\]|\\.)*",\s*"([^"]*)",\s*\[\]string\{([^}]*)\},\s*(true|false),\s*nil\}/g,
  );
  return [...rows]
    .map(([, expression = '', allowed = '', satisfied]) => ({
      expression,
      allowed: [...allowed.matchAll(/"([^"]*)"/g)].map(([, license = '']) => license),
      satisfied: satisfied === 'true',
    }))
    .filter(
      ({ expression, allowed }) => ![expression, ...allowed].some(text => /\+|-or-later|-only/.test(text)),
    );
}

/** What is not allowed is forbidden: then an expression that cannot be satisfied cannot be avoided. */
export function spdxChoices(cases: readonly ChoiceCase[]): Outcome {
  return outcomeOf(
    cases.map(({ expression, allowed, satisfied }) => {
      const known = new Set(allowed.map(license => license.toLowerCase()));
      const forbidden = new Set(
        (expression.match(/[\w.:-]+/g) ?? [])
          .map(each => each.toLowerCase())
          .filter(each => !known.has(each)),
      );
      const refused = unavoidable(expression, name => forbidden.has(name.toLowerCase()));
      return {
        name: `${expression} with ${allowed.join(', ')}`,
        agrees: satisfied === (refused.length === 0),
        reason: `satisfied: ${satisfied}; refused: ${refused.join(', ') || 'nothing'}`,
      };
    }),
  );
}

/** An entry of `scancode-licensedb-index.json` in the package license-expression. */
export interface LicenseEntry {
  readonly spdx_license_key?: string | null;
  readonly other_spdx_license_keys?: readonly string[] | null;
}

/** Who forbids an id forbids what SPDX called the same licence before. */
export function spdxAliases(index: readonly LicenseEntry[]): Outcome {
  const deprecated = new Set(deprecatedIds);
  const pairs = index.flatMap(({ spdx_license_key: current, other_spdx_license_keys: others }) =>
    current == null || current.startsWith('LicenseRef-')
      ? []
      : (others ?? []).filter(each => deprecated.has(each)).map(each => [current, each] as const),
  );
  return outcomeOf(
    pairs.map(([current, old]) => ({
      name: `${current}, formerly ${old}`,
      agrees: unavoidable(old, name => name === current).length === 1,
      reason: `${current} is forbidden, and ${old} passes`,
    })),
  );
}

function outcomeOf(
  cases: readonly { readonly name: string; readonly agrees: boolean; readonly reason: string }[],
): Outcome {
  const disagreements = cases
    .filter(({ agrees }) => !agrees)
    .map(({ name, reason }) => ({ name, said: reason }));
  return { cases: cases.length, disagreements };
}

const GO_SPDX = 'go:github.com/github/go-spdx/v2';

export const licences: Suite = {
  name: 'licences',
  about: 'Which of the licences of an expression can be avoided',
  authority:
    'the cases of go-spdx (`TestSatisfies`), which begin with those of spdx-satisfies; without errors and ranges',
  packages: [GO_SPDX],
  run: folders =>
    Promise.resolve(
      spdxChoices(goSpdxCases(readFileSync(join(folders(GO_SPDX), 'spdxexp', 'satisfies_test.go'), 'utf8'))),
    ),
};
