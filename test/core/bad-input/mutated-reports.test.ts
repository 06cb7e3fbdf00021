import * as fc from 'fast-check';
import { BY_OTHERS, BY_STANDARD, caseOf, judged, type Answer, type Case } from './judged';
import { CHANGES, DAMAGES, mutate, mutations, placesIn, type Mutation } from './mutations';
import { documentIn } from './oracle';
import { written } from './written';

/** Of all properties together; the nightly run makes 100,000. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 2000);
const CASES = [...BY_STANDARD, ...BY_OTHERS];
const NAMES = CASES.map(({ name }) => name);
const REFUSED = CASES.filter(
  each => judged(Buffer.from(JSON.stringify(each.document)), each).says === 'FAIL',
).map(({ name }) => name);

jest.setTimeout(1_800_000);

/**
 * What one change can turn a FAIL into a PASS with. Each is a report that Trivy writes of another image, word
 * for word: nothing in it tells the two apart. Who can write that can also scan that other image; what binds
 * a report to this one is not its text (the build's provenance, SHA256SUMS).
 */
const ANOTHER_IMAGE: readonly RegExp[] = [
  // a file that has no vulnerable package, or was not there
  /^(?:remove|empty|null) Results\.\[\]$/,
  /^(?:remove|empty|type|other name) Results\.\[\]\.Vulnerabilities$/,
  /^remove Results\.\[\]\.(?:Vulnerabilities|Packages|Secrets|Misconfigurations)\.\[\]$/,
  // a vulnerability that is rated or fixed otherwise
  /^type Results\.\[\]\.Vulnerabilities\.\[\]\.Severity$/,
  // a check that found something else, or nothing
  /^(?:type) Results\.\[\]\.Misconfigurations\.\[\]\.(?:Status|Severity)$/,
  // another package
  /Results\.\[\]\.Packages\.\[\]\.(?:Identifier|Identifier\.PURL|Name)$/,
  // one letter in a key, which then is an unknown one, or in a name, which then is another package's
  /^other byte bytes$/,
  // a release that is supported still
  /^(?:remove|type|other name) Metadata\.OS\.EOSL$/,
];

function report({ name }: Case, changes: readonly Mutation[], at: unknown): string {
  return JSON.stringify({ name, changes, at });
}

/** Never a PASS while something that is refused stands in it for any reader, and never a FAIL of nothing. */
function holds(of: Case, changes: readonly Mutation[]): Answer['says'] {
  const { bytes, at } = mutate(of.document, changes);
  const answer = judged(bytes, of);
  if (answer.says === 'ERROR') {
    expect(answer.detail.length).toBeLessThan(1000);
    return answer.says;
  }
  const document = documentIn(bytes);
  if (document === undefined) {
    throw new Error(`a verdict on what nobody can read: ${report(of, changes, at)}`);
  }
  if (of.refuses(document) !== (answer.says === 'FAIL')) {
    throw new Error(`${answer.says}, and the oracle says the contrary: ${report(of, changes, at)}`);
  }
  return answer.says;
}

describe('rule 5.1, hermetic scan: a report that is not as Trivy wrote it', () => {
  test('one change: a FAIL stays one or becomes an ERROR, except where it is a report about another image', () => {
    fc.assert(
      fc.property(fc.constantFrom(...REFUSED), mutations, (name, mutation) => {
        const of = caseOf(name);
        if (holds(of, [mutation]) !== 'PASS') return;
        const [[change, path] = ['', '']] = mutate(of.document, [mutation]).at;
        if (!ANOTHER_IMAGE.some(known => known.test(`${change} ${path}`))) {
          throw new Error(`a PASS after ${change} ${path}: ${report(of, [mutation], path)}`);
        }
      }),
      {
        numRuns: Math.ceil(RUNS * 0.4),
        // each change of each report, whatever chance makes of the rest
        examples: REFUSED.flatMap((name, at) =>
          [...Object.keys(CHANGES), ...Object.keys(DAMAGES)].map((change, seed): [string, Mutation] => [
            name,
            { change, place: 7 * at, seed },
          ]),
        ),
      },
    );
  });

  const some = fc.array(mutations, { minLength: 1, maxLength: 5 });

  test('some changes at once, of any report by any policy', () => {
    fc.assert(
      fc.property(fc.constantFrom(...NAMES), some, (name, changes) => void holds(caseOf(name), changes)),
      { numRuns: Math.floor(RUNS * 0.6) },
    );
  });

  test('changes like these make each of the three answers, and more than once', () => {
    // of one seed: what is asked is whether the changes are any good, and not what they find
    const sample = fc.sample(fc.tuple(fc.constantFrom(...NAMES), some), { numRuns: 400, seed: 1 });
    const answers = sample.map(([name, changes]) => holds(caseOf(name), changes));
    for (const answer of ['ERROR', 'FAIL', 'PASS']) {
      expect(answers.filter(each => each === answer).length).toBeGreaterThan(1);
    }
  });

  const ONE_BY_ONE = [
    'remove',
    'null',
    'empty',
    'other case',
    'twice, ours first',
    'twice, ours last',
    '__proto__ beside',
    'list for object',
  ];
  const QUICK = [
    'fixable-critical',
    'root',
    'log4shell by denied-packages',
    'fixable-critical by vulnerabilities',
  ];
  test.each(RUNS > 2000 ? NAMES : QUICK)('%s: each place in it', name => {
    const of = caseOf(name);
    const places = placesIn(written(of.document)).length;
    for (const change of ONE_BY_ONE) {
      for (let place = 0; place < places; place++) holds(of, [{ change, place, seed: 0 }]);
    }
  });
});
