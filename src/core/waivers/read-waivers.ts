import type * as z from 'zod';
import { ENTRY_KEYS } from './document';
import { lifeProblem, type Life } from './life';
import { WaiverFile, WaiverLimit, waiverOf, type Waiver, type Waivers } from './waiver';
import { failed, ok, type Result } from '../result';
import { given, inOrder, type WaiverProblem } from '../text/problem';
import { readYaml, type TextDocument } from '../text/yaml-document';

type Say = (path: readonly PropertyKey[], message: string) => WaiverProblem;

export interface ReadOptions extends Life {
  /** Its name, for messages. */
  readonly file: string;
}

/**
 * Reads `waivers.yaml`. A waiver that expired is read like any other: a file that was valid must not become
 * invalid the next day.
 */
export function readWaivers(text: string, { file, ...life }: ReadOptions): Result<Waivers, WaiverProblem[]> {
  const document = readYaml(text, file, WaiverLimit.bytes);
  if (!document.ok) return document;
  const { value, at } = document.value;
  const problem: Say = (path, message) => ({ file, ...at(path), message });
  const count = entriesOf(value).length;
  if (count > WaiverLimit.waivers) {
    return failed([
      problem(
        ['waivers'],
        `waivers has ${count} entries, allowed: ${WaiverLimit.waivers}; remove those that expired`,
      ),
    ]);
  }

  const problems: WaiverProblem[] = [];
  const parsed = WaiverFile.safeParse(value);
  for (const issue of parsed.error?.issues ?? []) problems.push(...problemsOf(issue, problem));
  entriesOf(value).forEach((entry, index) => {
    const wrong = lifeProblemOf(entry, life);
    if (wrong !== undefined) problems.push(problem(['waivers', index, wrong.key], wrong.message));
  });
  if (!parsed.success || problems.length > 0) return failed(inOrder(problems));

  const waivers = parsed.data.waivers.map(waiverOf);
  const doubles = doublesOf(waivers, document.value, problem);
  return doubles.length > 0 ? failed(doubles) : ok(waivers);
}

function entriesOf(value: unknown): readonly unknown[] {
  const entries = (value as { waivers?: unknown } | null)?.waivers;
  return Array.isArray(entries) ? entries : [];
}

/** Also for an entry that has other problems, if its dates can be read. */
function lifeProblemOf(entry: unknown, life: Life): ReturnType<typeof lifeProblem> {
  const { accepted, expires } = (entry ?? {}) as { accepted?: unknown; expires?: unknown };
  return isDay(expires) && (accepted === undefined || isDay(accepted))
    ? lifeProblem({ accepted, expires }, life)
    : undefined;
}

function isDay(value: unknown): value is string {
  return WaiverFile.shape.waivers.element.shape.expires.safeParse(value).success;
}

function problemsOf(issue: z.core.$ZodIssue, problem: Say): WaiverProblem[] {
  if (issue.code !== 'unrecognized_keys') return [problem(issue.path, issue.message)];
  const allowed = issue.path.length === 0 ? Object.keys(WaiverFile.shape) : ENTRY_KEYS;
  const of = issue.path.length === 0 ? 'the document' : 'a waiver';
  return issue.keys.map(key =>
    problem([...issue.path, key], `${given(key)} is not a key of ${of}, allowed: ${allowed.join(', ')}`),
  );
}

/** Two waivers of the same: whoever prolongs one in a hurry would overlook the other. */
function doublesOf(waivers: readonly Waiver[], { at }: TextDocument, problem: Say): WaiverProblem[] {
  const first = new Map<string, number>();
  return waivers.flatMap(({ key }, index) => {
    const other = first.get(key);
    if (other === undefined) first.set(key, index);
    if (other === undefined) return [];
    return [
      problem(
        ['waivers', index],
        `the waiver covers the same as the one in line ${at(['waivers', other]).line}; prolong that one, or narrow one of them`,
      ),
    ];
  });
}
