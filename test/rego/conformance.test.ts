import { regoCases } from '../../local/tools/rego-cases';
import { conformance, sampleOf } from '../../local/tools/rego-conformance';
import { loadRegoHost } from '../../local/tools/rego-runtime';
import { readExpectation } from '../conformance/expectation';

const cases = regoCases();
/** All cases run at night: test/conformance/rego.ts. */
const known = new Set(readExpectation('rego')!.disagreements.flatMap(({ names }) => names));

test("a sample of OPA's own cases ends as OPA says, but for those that are known", async () => {
  const sample = sampleOf(await cases, 300);
  const { misses } = conformance(loadRegoHost(), sample);
  const expected = sample.map(({ version, note }) => `${version} ${note}`).filter(name => known.has(name));
  expect([...misses.keys()]).toEqual(expected);
}, 120_000);

test('the sample has cases of both versions and of most kinds', async () => {
  const all = await cases;
  const kinds = (of: typeof all) =>
    new Set(of.map(({ version, note }) => `${version} ${note.split('/')[0]}`));
  expect(kinds(sampleOf(all, 300)).size / kinds(all).size).toBeGreaterThan(0.4);
});

test('what is known to miss is a case, and is nearly nothing', async () => {
  const all = await cases;
  const names = new Set(all.map(({ version, note }) => `${version} ${note}`));
  expect([...known].filter(name => !names.has(name))).toEqual([]);
  expect(1 - known.size / all.length).toBeGreaterThanOrEqual(0.998);
});
