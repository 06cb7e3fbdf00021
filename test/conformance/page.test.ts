import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectationNames, readExpectation, surprises } from './expectation';
import { PACKAGES } from './packages';
import { PAGE, pageOf } from './page';
import { SUITES } from './suites';
import { PACKAGES_WITH_SYSTEMS } from '../normal-form/honest/steps/other-systems';

const AUTHORITIES = join(__dirname, 'authorities');
const goFile = (name: string) => readFileSync(join(AUTHORITIES, name), 'utf8');

test('docs/conformance.md says what is expected; else run npx projen test:conformance --write', () => {
  expect(readFileSync(PAGE, 'utf8')).toBe(pageOf(SUITES));
});

test('each suite has an expectation, and each expectation a suite', () => {
  expect(expectationNames()).toEqual(SUITES.map(({ name }) => name).sort());
});

test.each(SUITES.map(({ name }) => name))('each disagreement of %s has one reason', name => {
  const { cases, agree, disagreements } = readExpectation(name)!;
  expect(disagreements.filter(({ why }) => why.length < 20)).toEqual([]);
  const names = disagreements.flatMap(each => each.names);
  expect(new Set(names).size).toBe(names.length);
  expect(cases - agree).toBeGreaterThanOrEqual(names.length);
});

test('no ignore file is wider than in Trivy, and that is never a known disagreement', () => {
  const names = readExpectation('trivy-ignore')!.disagreements.flatMap(each => each.names);
  expect(names.filter(name => !/^(?:refused|narrower): /.test(name))).toEqual([]);
});

test('every pinned package is used, and nothing else is', () => {
  const used = new Set([...SUITES.flatMap(({ packages }) => packages), ...PACKAGES_WITH_SYSTEMS]);
  expect([...used].sort()).toEqual(Object.keys(PACKAGES).sort());
});

describe("other people's code is of the versions that are pinned", () => {
  test.each(['github.com/aquasecurity/trivy', 'github.com/distribution/reference'])('%s', module => {
    const { version, hash } = PACKAGES[`go:${module}`]!;
    expect(goFile('go.mod')).toContain(`\t${module} ${version}\n`);
    expect(goFile('go.sum')).toContain(`${module} ${version} ${hash}\n`);
  });

  test('the checks of Trivy, which it embeds', () => {
    const module = 'github.com/aquasecurity/trivy-checks';
    expect(goFile('go.mod')).toContain(`\t${module} ${PACKAGES[`go:${module}`]!.version} // indirect\n`);
  });

  test('Open Policy Agent, which the engine is built from', () => {
    const module = 'github.com/open-policy-agent/opa';
    const { version, hash } = PACKAGES[`go:${module}`]!;
    const sum = readFileSync(join(__dirname, '..', '..', 'rego', 'go.sum'), 'utf8');
    expect(sum).toContain(`${module} ${version} ${hash}\n`);
  });
});

describe('what nobody expected', () => {
  const expected = { cases: 3, agree: 1, disagreements: [{ why: 'it is so', names: ['a', 'b'] }] };
  const said = (name: string) => ({ name, said: 'no' });

  test.each([
    ['nothing', { cases: 3, disagreements: [said('a'), said('b')] }, []],
    [
      'a new disagreement',
      { cases: 3, disagreements: [said('a'), said('b'), said('c')] },
      ['c: no', '0 of 3 agree, expected: 1 of 3'],
    ],
    [
      'one that has gone',
      { cases: 3, disagreements: [said('a')] },
      ['b: it agrees now; take it out of the expectation', '2 of 3 agree, expected: 1 of 3'],
    ],
    [
      'cases that have gone',
      { cases: 2, disagreements: [said('a'), said('b')] },
      ['0 of 2 agree, expected: 1 of 3'],
    ],
  ])('%s', (_, outcome, surprising) => {
    expect(surprises(outcome, expected)).toEqual(surprising);
  });

  test('of another seed: new disagreements only', () => {
    const outcome = { cases: 9, disagreements: [said('a'), said('c')] };
    expect(surprises(outcome, expected, true)).toEqual(['c: no']);
  });

  test('a suite without an expectation', () => {
    expect(surprises({ cases: 3, disagreements: [] }, undefined)).toHaveLength(1);
  });
});
