import * as fc from 'fast-check';
import { caseOf } from './judged';
import { CHANGES, mutate, mutations, type Mutation } from './mutations';
import type { PreparedRego } from '../../../src/core/rego/prepared';
import { readTrivyReport } from '../../../src/core/scanning/read-trivy-report';
import { TrivyReport } from '../../../src/core/scanning/trivy-report';
import { engine, modules } from '../rego/support';
import { check } from '../support/check';
import { NOW, ruleInput } from '../support/made';

jest.setTimeout(1_800_000);

const RUNS = Math.ceil(Number(process.env.FUZZ_RUNS ?? 2000) / 20);

/** `vulnerabilities` with `onlyFixed`, once more. */
const FIXED_CRITICAL = `package p
import rego.v1
critical contains vulnerability if {
  some vulnerability in input.Results[_].Vulnerabilities
  vulnerability.Severity == "CRITICAL"
}
deny contains "fixed" if {
  some vulnerability in critical
  vulnerability.FixedVersion != ""
}
deny contains "fixed" if {
  some vulnerability in critical
  vulnerability.Status == "fixed"
}
`;

let compiled: PreparedRego | undefined;

function policy(): PreparedRego {
  if (compiled === undefined) {
    const prepared = engine().prepare(modules(FIXED_CRITICAL));
    if (!prepared.ok) throw new Error(JSON.stringify(prepared.error));
    compiled = prepared.value;
  }
  return compiled;
}

/** Whether both refuse it, or that nobody can read it. */
function judgedByBoth(name: string, changes: readonly Mutation[]): 'refused' | 'let in' | 'unread' {
  const read = readTrivyReport(mutate(caseOf(name).document, changes).bytes);
  if (!read.ok) return 'unread';
  const kept = JSON.stringify(read.value);
  // as it is stored, and as it is judged again
  expect(TrivyReport.parse(JSON.parse(kept))).toEqual(read.value);
  const decision = policy().decide(Buffer.from(kept), { now: NOW });
  const rule = check('vulnerabilities', ruleInput(name, { report: read.value }), {
    severities: ['CRITICAL'],
    onlyFixed: true,
  });
  if ('failure' in decision || 'failure' in rule) throw new Error(JSON.stringify({ decision, rule }));
  const refuses = rule.issues.length > 0;
  expect(decision.denials.length > 0).toBe(refuses);
  return refuses ? 'refused' : 'let in';
}

const ANSWERS = {
  'fixable-critical': 'refused',
  log4shell: 'refused',
  'unfixed-only': 'let in',
  clean: 'let in',
} as const;
const NAMES = Object.keys(ANSWERS) as (keyof typeof ANSWERS)[];

test.each(NAMES)('Rego and the rules are asked about one and the same: %s', name => {
  expect(judgedByBoth(name, [])).toBe(ANSWERS[name]);
});

test('also of a report that can no more be read', () => {
  expect(judgedByBoth('clean', [{ change: 'a comma too many', place: 0, seed: 0 }])).toBe('unread');
});

test('whatever is done to a report', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...NAMES),
      fc.array(mutations, { minLength: 1, maxLength: 3 }),
      (name, changes) => void judgedByBoth(name, changes),
    ),
    {
      numRuns: RUNS,
      // each change, whatever chance makes of the rest
      examples: Object.keys(CHANGES).map((change, at) => [
        NAMES[at % NAMES.length]!,
        [{ change, place: at, seed: at }],
      ]),
    },
  );
});
