import * as fc from 'fast-check';
import { caseOf } from './judged';
import { mutate, mutations } from './mutations';
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

test('whatever is done to a report, Rego and the rules are asked about one and the same', () => {
  const prepared = engine().prepare(modules(FIXED_CRITICAL));
  if (!prepared.ok) throw new Error(JSON.stringify(prepared.error));
  const seen: Record<string, number> = {};
  fc.assert(
    fc.property(
      fc.constantFrom('fixable-critical', 'log4shell', 'unfixed-only', 'clean'),
      fc.array(mutations, { minLength: 1, maxLength: 3 }),
      (name, changes) => {
        const read = readTrivyReport(mutate(caseOf(name).document, changes).bytes);
        if (!read.ok) return;
        const kept = JSON.stringify(read.value);
        // as it is stored, and as it is judged again
        expect(TrivyReport.parse(JSON.parse(kept))).toEqual(read.value);
        const decision = prepared.value.decide(Buffer.from(kept), { now: NOW });
        const rule = check('vulnerabilities', ruleInput(name, { report: read.value }), {
          severities: ['CRITICAL'],
          onlyFixed: true,
        });
        if ('failure' in decision || 'failure' in rule) throw new Error(JSON.stringify({ decision, rule }));
        const refuses = rule.issues.length > 0;
        expect(decision.denials.length > 0).toBe(refuses);
        seen[String(refuses)] = (seen[String(refuses)] ?? 0) + 1;
      },
    ),
    { numRuns: RUNS },
  );
  expect(Object.keys(seen).sort()).toEqual(['false', 'true']);
});
