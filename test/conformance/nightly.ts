import { writeFileSync } from 'node:fs';
import { readExpectation, surprises, writeExpectation } from './expectation';
import { ensurePackage } from './packages';
import { PAGE, pageOf } from './page';
import type { Suite } from './suite';
import { SUITES } from './suites';

/**
 * Runs the suites of other people: all of them, or those that are named. With `--write`, what they say
 * becomes the expectation, and docs/conformance.md is written from it.
 */
async function main(args: readonly string[]): Promise<void> {
  const isWriting = args.includes('--write');
  const names = args.filter(each => !each.startsWith('--'));
  const unknown = names.filter(name => !SUITES.some(each => each.name === name));
  if (unknown.length > 0) {
    throw new Error(`no suite ${unknown.join(', ')}, allowed: ${SUITES.map(each => each.name).join(', ')}`);
  }
  const { SEED } = process.env;
  if (SEED !== undefined) process.stdout.write(`seed ${SEED}\n`);
  const failed: string[] = [];
  for (const suite of SUITES.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const wrong = await hold(suite, isWriting);
    failed.push(...wrong.map(each => `${suite.name}: ${each}`));
  }
  if (isWriting) writeFileSync(PAGE, pageOf(SUITES));
  if (failed.length > 0) throw new Error(failed.join('\n'));
}

async function hold(suite: Suite, isWriting: boolean): Promise<string[]> {
  const began = Date.now();
  const folders = new Map<string, string>();
  for (const name of suite.packages) folders.set(name, await ensurePackage(name));
  const outcome = await suite.run(name => folders.get(name)!);
  if (isWriting) writeExpectation(suite.name, outcome);
  const agree = outcome.cases - outcome.disagreements.length;
  process.stdout.write(
    `${suite.name}: ${agree} of ${outcome.cases} agree (${Math.round((Date.now() - began) / 1000)} s)\n`,
  );
  return surprises(outcome, readExpectation(suite.name), process.env.SEED !== undefined);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
