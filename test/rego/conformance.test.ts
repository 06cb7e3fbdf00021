import { KNOWN_MISSES } from './known-misses';
import { regoCases } from '../../local/tools/rego-cases';
import { conformance, sampleOf } from '../../local/tools/rego-conformance';
import { loadRegoHost } from '../../local/tools/rego-runtime';

const cases = regoCases();

test("a sample of OPA's own cases ends as OPA says, but for those that are known", async () => {
  const sample = sampleOf(await cases, 300);
  const { misses } = conformance(loadRegoHost(), sample);
  const known = sample
    .map(({ version, note }) => `${version} ${note}`)
    .filter(name => KNOWN_MISSES.has(name));
  expect([...misses.keys()]).toEqual(known);
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
  expect([...KNOWN_MISSES.keys()].filter(name => !names.has(name))).toEqual([]);
  expect(1 - KNOWN_MISSES.size / all.length).toBeGreaterThanOrEqual(0.998);
});
