import { KNOWN_MISSES } from './known-misses';
import { regoCases } from '../../local/tools/rego-cases';
import { conformance } from '../../local/tools/rego-conformance';
import { loadRegoHost } from '../../local/tools/rego-runtime';

/** All of OPA's own cases: fails when one that is not known misses, and when one that is known does not. */
async function main(): Promise<void> {
  const cases = await regoCases();
  const { passed, misses } = conformance(loadRegoHost(), cases);
  const surprises = [
    ...[...misses]
      .filter(([name]) => !KNOWN_MISSES.has(name))
      .map(([name, got]) => `${name} misses: ${got.slice(0, 300)}`),
    ...[...KNOWN_MISSES.keys()]
      .filter(name => !misses.has(name))
      .map(name => `${name} does not miss any more: take it off test/rego/known-misses.ts`),
  ];
  process.stdout.write(
    `${passed} of ${cases.length} of OPA's own cases (${((100 * passed) / cases.length).toFixed(2)} %)\n`,
  );
  for (const [name, why] of KNOWN_MISSES) process.stdout.write(`known: ${name}: ${why}\n`);
  if (surprises.length > 0) throw new Error(surprises.join('\n'));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
