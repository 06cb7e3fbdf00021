import * as fc from 'fast-check';
import { BY_OTHERS, BY_STANDARD, caseOf, judged, type Case } from './judged';
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
function holds(of: Case, changes: readonly Mutation[], seen: Map<string, number>): void {
  const { bytes, at } = mutate(of.document, changes);
  const answer = judged(bytes, of);
  seen.set(answer.says, (seen.get(answer.says) ?? 0) + 1);
  if (answer.says === 'ERROR') return expect(answer.detail.length).toBeLessThan(1000);
  const document = documentIn(bytes);
  if (document === undefined) {
    throw new Error(`a verdict on what nobody can read: ${report(of, changes, at)}`);
  }
  if (of.refuses(document) !== (answer.says === 'FAIL')) {
    throw new Error(`${answer.says}, and the oracle says the contrary: ${report(of, changes, at)}`);
  }
}

describe('a report that is not as Trivy wrote it', () => {
  const seen = new Map<string, number>();

  test('one change: a FAIL stays one or becomes an ERROR, except where it is a report about another image', () => {
    const others = new Set<string>();
    const used = new Set<string>();
    fc.assert(
      fc.property(fc.constantFrom(...REFUSED), mutations, (name, mutation) => {
        const of = caseOf(name);
        holds(of, [mutation], seen);
        const {
          bytes,
          at: [[change, path] = ['', '']],
        } = mutate(of.document, [mutation]);
        used.add(mutation.change);
        if (
          judged(bytes, of).says === 'PASS' &&
          !ANOTHER_IMAGE.some(known => known.test(`${change} ${path}`))
        ) {
          others.add(`${change} ${path}`);
        }
      }),
      { numRuns: Math.ceil(RUNS * 0.4) },
    );
    expect([...others]).toEqual([]);
    expect(used.size).toBe(Object.keys(CHANGES).length + Object.keys(DAMAGES).length);
  });

  test('some changes at once, of any report by any policy', () => {
    const some = fc.array(mutations, { minLength: 1, maxLength: 5 });
    const all = fc.property(fc.constantFrom(...NAMES), some, (name, changes) =>
      holds(caseOf(name), changes, seen),
    );
    fc.assert(all, { numRuns: Math.floor(RUNS * 0.6) });
    expect([...seen.keys()].sort()).toEqual(['ERROR', 'FAIL', 'PASS']);
    for (const count of seen.values()) expect(count).toBeGreaterThan(RUNS / 400);
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
      for (let place = 0; place < places; place++) holds(of, [{ change, place, seed: 0 }], seen);
    }
  });
});
