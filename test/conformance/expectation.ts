import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { Disagreement, Outcome } from './suite';

const FOLDER = join(__dirname, 'expected');

/** How a suite is known to end: each disagreement has its reason. */
export const Expectation = z.strictObject({
  cases: z.int().positive(),
  agree: z.int().nonnegative(),
  disagreements: z.array(z.strictObject({ why: z.string(), names: z.array(z.string()).min(1) })),
});
export type Expectation = Readonly<z.infer<typeof Expectation>>;

export function readExpectation(name: string): Expectation | undefined {
  const file = join(FOLDER, `${name}.json`);
  return existsSync(file) ? Expectation.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
}

export function expectationNames(): string[] {
  return readdirSync(FOLDER)
    .map(file => file.replace(/\.json$/, ''))
    .sort();
}

/** Keeps the reasons that are known. What is new gets an empty one: tests fail until somebody writes it. */
export function writeExpectation(name: string, outcome: Outcome): void {
  const known = readExpectation(name)?.disagreements ?? [];
  const names = [...new Set(outcome.disagreements.map(each => each.name))].sort();
  const kept = known
    .map(({ why, names: before }) => ({ why, names: before.filter(each => names.includes(each)) }))
    .filter(each => each.names.length > 0);
  const explained = new Set(kept.flatMap(each => each.names));
  const unexplained = names.filter(each => !explained.has(each));
  const expectation: Expectation = {
    cases: outcome.cases,
    agree: outcome.cases - outcome.disagreements.length,
    disagreements: [...kept, ...(unexplained.length === 0 ? [] : [{ why: '', names: unexplained }])],
  };
  writeFileSync(join(FOLDER, `${name}.json`), `${JSON.stringify(expectation, undefined, 2)}\n`);
}

/** What nobody expected. Cases of another seed are other cases, of which only new disagreements count. */
export function surprises(
  { cases, disagreements }: Outcome,
  expected: Expectation | undefined,
  isOtherSeed = false,
): string[] {
  if (expected === undefined) return ['it has no expectation; write it by --write'];
  const known = new Set(expected.disagreements.flatMap(({ names }) => names));
  const found = new Map(disagreements.map(each => [each.name, each]));
  const agree = cases - disagreements.length;
  const added = [...found.values()].filter(({ name }) => !known.has(name)).map(unexpected);
  if (isOtherSeed) return added;
  return [
    ...added,
    ...[...known]
      .filter(name => !found.has(name))
      .map(name => `${name}: it agrees now; take it out of the expectation`),
    ...(cases === expected.cases && agree === expected.agree
      ? []
      : [`${agree} of ${cases} agree, expected: ${expected.agree} of ${expected.cases}`]),
  ];
}

function unexpected({ name, said }: Disagreement): string {
  return `${name}: ${said.slice(0, 500)}`;
}
