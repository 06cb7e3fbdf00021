import * as z from 'zod';
import { everyRepository, problemWithPath, problemWithPurl, problemWithRepository } from './too-broad';
import { FINDING_TYPES } from '../scanning/finding';
import { plainText } from '../text/plain-text';
import { given, valueGiven } from '../text/problem';
import { sha256Of } from '../text/sha256';

/** Limits of a file of waivers. A larger file is refused, never read in part. */
export const WaiverLimit = {
  bytes: 1024 * 1024,
  waivers: 5_000,
  scopes: 200,
  patternCharacters: 300,
  reason: { min: 20, max: 2_000 },
} as const;

const { reason, scopes, patternCharacters } = WaiverLimit;

/** A message in the form of all errors here: the value, what is allowed, how to fix it. */
function say(name: string, allowed: string, remedy?: string) {
  return ({ input }: { readonly input?: unknown }) =>
    `${name} is ${valueGiven(input)}, allowed: ${allowed}${remedy === undefined ? '' : `; ${remedy}`}`;
}

function text(name: string, min: number, max: number, remedy?: string) {
  const error = say(name, `a text of ${min} to ${max} visible characters`, remedy);
  return z
    .string({ error })
    .min(min, { error })
    .max(max, { error })
    .refine(value => plainText(value, max).length >= min, { error });
}

function day(name: string, remedy: string) {
  return z.iso.date({ error: say(name, 'a day as YYYY-MM-DD', remedy) });
}

function pattern(name: string, allowed: string, problem: (pattern: string) => string | undefined) {
  const error = say(name, allowed);
  return z
    .string({ error })
    .min(1, { error })
    .max(patternCharacters, { error: say(name, `at most ${patternCharacters} characters`) })
    .superRefine((value, context) => {
      const message = problem(value);
      if (message !== undefined) {
        context.addIssue({ code: 'custom', message: `${name} is ${given(value)}, ${message}` });
      }
    });
}

function list<T extends z.ZodType>(name: string, of: string, element: T) {
  const error = say(name, `a list of 1 to ${scopes} ${of}`);
  return z.array(element, { error }).min(1, { error }).max(scopes, { error });
}

const idError = say(
  'id',
  'the exact id of a finding or the name of a rule, 1 to 200 visible ASCII characters without *',
  'one waiver is one id',
);
const digestError = say(
  'digests',
  'sha256:<64 hex>',
  'name the image that was scanned; a tag is not a digest',
);
const has = (value: unknown, ...keys: string[]) =>
  keys.some(key => (value as Record<string, unknown>)[key] !== undefined);
/** Also where a key is missing or wrong, so that every problem is reported at once. */
const always = {
  when: ({ value }: { value: unknown }) =>
    typeof value === 'object' && value !== null && !Array.isArray(value),
};

function aloneProblem(
  waiver: unknown,
  key: 'purl' | 'path',
  problem: typeof problemWithPurl,
): string | undefined {
  const value = (waiver as Record<string, unknown>)[key];
  const message = typeof value !== 'string' || has(waiver, 'id') ? undefined : problem(value, 'alone');
  return message === undefined ? undefined : `${key} is ${given(value)}, ${message}`;
}

/** A waiver as it is written in `waivers.yaml` and in the evidence. */
export const WaiverEntry = z
  .strictObject(
    {
      id: z
        .string({ error: idError })
        .max(200, { error: idError })
        .regex(/^[!-)+-~](?:[ -)+-~]*[!-)+-~])?$/, { error: idError })
        .optional()
        .describe(
          'The exact id: CVE-…, the id of a secret rule or a check, the name of a licence, or the name of a rule that refuses the image as a whole.',
        ),
      type: z
        .enum(FINDING_TYPES, { error: say('type', FINDING_TYPES.join(', '), 'leave it out for every type') })
        .optional()
        .describe('Findings of this type only. Without it, whatever has the id, the package or the path.'),
      purl: pattern('purl', 'a package URL, pkg:<type>/<name>@<version>, with * and **', problemWithPurl)
        .optional()
        .describe(
          'The package, as Trivy reports it; * stays within a segment, ** does not. @* for every version. Qualifiers that are named must be present.',
        ),
      path: pattern('path', 'a path in the image, with * and **', problemWithPath)
        .optional()
        .describe('The file in the image; * stays within a folder, ** does not.'),
      repositories: list(
        'repositories',
        'names of repositories, with * and **',
        pattern('repositories', 'the name of a repository, with * and **', problemWithRepository),
      )
        .optional()
        .describe(
          'Where it holds: names of repositories as a whole; * stays within a segment, ** does not. With digests, both must hold.',
        ),
      digests: list(
        'digests',
        'digests, sha256:<64 hex>',
        z.string({ error: digestError }).regex(/^sha256:[0-9a-f]{64}$/, { error: digestError }),
      )
        .optional()
        .describe('The images that it holds for. A secret is covered by digest only.'),
      owner: text('owner', 3, 200, 'name who answers for the risk, best as an address that is read').describe(
        'Who answers for the risk.',
      ),
      reason: text(
        'reason',
        reason.min,
        reason.max,
        'say what was assessed, and why the risk is acceptable until the waiver expires',
      ).describe('The assessment of the risk.'),
      ticket: text('ticket', 1, 300, 'a number goes in quotes')
        .optional()
        .describe('Where it is followed up.'),
      accepted: day('accepted', 'the day on which the risk was assessed')
        .optional()
        .describe(
          'The day on which the risk was accepted. The longest life counts from it; without it from today.',
        ),
      expires: day('expires', 'a waiver always ends, at the end of that day in UTC').describe(
        'The last day on which it holds, in UTC.',
      ),
      until: z
        .literal('fixed', { error: say('until', '"fixed"', 'leave it out if a fix changes nothing') })
        .optional()
        .describe('fixed: the waiver expires before its last day, as soon as a version fixes the finding.'),
    },
    {
      error: issue =>
        issue.code === 'invalid_type'
          ? say('the waiver', 'a map with id, repositories, owner, reason, expires, …')(issue)
          : undefined,
    },
  )
  .refine(value => has(value, 'id', 'purl', 'path'), {
    ...always,
    error: 'the waiver names no finding, required: at least one of id, purl and path',
  })
  .refine(value => has(value, 'repositories', 'digests'), {
    ...always,
    error: 'the waiver has no scope, required: repositories, digests or both; "**" is every repository',
  })
  .refine(value => (value as { type?: unknown }).type !== 'secret' || has(value, 'digests'), {
    ...always,
    path: ['type'],
    error:
      'a secret is waived by digest only, required: digests; better remove it from the image and revoke it',
  })
  .refine(
    value =>
      has(value, 'id') ||
      !everyRepository((value as { repositories?: unknown }).repositories) ||
      has(value, 'digests'),
    {
      ...always,
      path: ['repositories'],
      error:
        'repositories is "**" without an id, allowed: narrower names; or add the exact id that is waived everywhere',
    },
  )
  .refine(value => aloneProblem(value, 'purl', problemWithPurl) === undefined, {
    ...always,
    path: ['purl'],
    error: ({ input }) => aloneProblem(input, 'purl', problemWithPurl),
  })
  .refine(value => aloneProblem(value, 'path', problemWithPath) === undefined, {
    ...always,
    path: ['path'],
    error: ({ input }) => aloneProblem(input, 'path', problemWithPath),
  })
  .meta({
    allOf: [
      { anyOf: [{ required: ['id'] }, { required: ['purl'] }, { required: ['path'] }] },
      { anyOf: [{ required: ['repositories'] }, { required: ['digests'] }] },
    ],
  });
export type WaiverEntry = Readonly<Omit<z.infer<typeof WaiverEntry>, 'repositories' | 'digests'>> & {
  readonly repositories?: readonly string[];
  readonly digests?: readonly string[];
};

export const WaiverFile = z.strictObject(
  {
    version: z.literal(1, { error: say('version', '1') }).describe('The version of this format.'),
    waivers: z
      .array(WaiverEntry, { error: say('waivers', 'a list of waivers', 'write [] for none') })
      .max(WaiverLimit.waivers, {
        error: say('waivers', `at most ${WaiverLimit.waivers}`, 'remove those that expired'),
      }),
  },
  {
    error: issue =>
      issue.code === 'invalid_type'
        ? say('the document', 'a map with version and waivers')(issue)
        : undefined,
  },
);

export interface Waiver extends WaiverEntry {
  /** The same as long as the waiver covers the same, even if it is prolonged or its reason is reworded. */
  readonly key: string;
}
export type Waivers = readonly Waiver[];

export function waiverOf(entry: WaiverEntry): Waiver {
  return { ...entry, key: waiverKey(entry) };
}

function waiverKey({ id, type, purl, path, repositories, digests, until }: WaiverEntry): string {
  const covered = [id, purl, path, sorted(repositories), sorted(digests), until].map(each => each ?? null);
  return sha256Of(JSON.stringify(type === undefined ? covered : [...covered, type])).slice(0, 32);
}

/** A scope is a set: order and duplicates do not matter. */
export function sorted(scope: readonly string[] | undefined): string[] | undefined {
  return scope === undefined ? undefined : [...new Set(scope)].sort();
}
