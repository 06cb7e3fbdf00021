import * as z from 'zod';
import { complete, lastDayBefore, type Draft, type ImportOptions } from './imported';
import { WaiverLimit, type Waivers } from './waiver';
import { failed, type Result } from '../result';
import { plainText } from '../text/plain-text';
import { given, inOrder, lowerFirst, type WaiverProblem } from '../text/problem';
import { readYaml } from '../text/yaml-document';

/**
 * The ignore file of Trivy, as waivers. It says neither who answers for an entry nor where the entry holds.
 * @see https://trivy.dev/docs/latest/configuration/filtering/
 */
export function fromTrivyIgnore(
  text: string,
  file: string,
  options: ImportOptions,
): Result<Waivers, WaiverProblem[]> {
  return /\.ya?ml$/.test(file) ? fromYaml(text, file, options) : fromLines(text, file, options);
}

/** `CVE-2024-1234 exp:2026-12-31`, one a line. */
function fromLines(text: string, file: string, options: ImportOptions): Result<Waivers, WaiverProblem[]> {
  if (text.length > WaiverLimit.bytes) {
    return failed([
      {
        file,
        line: 1,
        column: 1,
        message: `the file has ${text.length} characters, allowed: ${WaiverLimit.bytes}`,
      },
    ]);
  }
  const drafts: Draft[] = [];
  const problems: WaiverProblem[] = [];
  text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .forEach((line, index) => {
      const fields = [...line.matchAll(/\S+/g)].map(({ 0: field, index: at }) => ({
        field,
        at: { line: index + 1, column: at + 1 },
      }));
      const comment = fields.findIndex(({ field }) => field.startsWith('#'));
      const [id, ...rest] = comment < 0 ? fields : fields.slice(0, comment);
      if (id === undefined) return;
      let expires: string | undefined;
      for (const { field, at } of rest) {
        const day = /^exp:(.*)$/.exec(field)?.[1];
        if (day !== undefined && expires === undefined && z.iso.date().safeParse(day).success) {
          expires = lastDayBefore(new Date(day));
        } else {
          const message = `${given(field)} is not read here, allowed: one exp:YYYY-MM-DD after the id, and # before a comment`;
          problems.push({ file, ...at, message: `${plainText(id.field, 80)}: ${message}` });
          break;
        }
      }
      drafts.push({ at: id.at, entry: { id: id.field, ...(expires !== undefined && { expires }) } });
    });
  return finish(drafts, problems, file, options);
}

const SECTIONS = ['vulnerabilities', 'misconfigurations', 'secrets', 'licenses'] as const;
const Entry = z.strictObject({
  id: z.string().min(1),
  paths: z.array(z.string()).nullish(),
  purls: z.array(z.string()).nullish(),
  expired_at: z
    .string()
    .refine(isInstant, 'not a time, allowed: YYYY-MM-DD, or with a time of day and a zone')
    .optional(),
  statement: z.string().optional(),
});
const Entries = z.array(Entry).nullish();
const TrivyIgnoreFile = z.strictObject({
  vulnerabilities: Entries,
  misconfigurations: Entries,
  secrets: Entries,
  licenses: Entries,
});

function isInstant(text: string): boolean {
  return z.union([z.iso.date(), z.iso.datetime({ offset: true })]).safeParse(text).success;
}

function fromYaml(text: string, file: string, options: ImportOptions): Result<Waivers, WaiverProblem[]> {
  const document = readYaml(text, file, WaiverLimit.bytes);
  if (!document.ok) return document;
  const { value, at } = document.value;
  const parsed = TrivyIgnoreFile.safeParse(value ?? {});
  if (!parsed.success) {
    return failed(
      inOrder(
        parsed.error.issues.flatMap(issue => {
          const names = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
          return names.map(name => ({
            file,
            ...at([...issue.path, ...(name === undefined ? [] : [name])]),
            message:
              name === undefined
                ? `${issue.path.join('.') || 'the document'}: ${lowerFirst(issue.message)}`
                : `${given(name)} is not a key that Trivy reads here, allowed: ${(issue.path.length === 0 ? SECTIONS : Object.keys(Entry.shape)).join(', ')}`,
          }));
        }),
      ),
    );
  }

  const drafts: Draft[] = [];
  const problems: WaiverProblem[] = [];
  for (const section of SECTIONS) {
    for (const [index, { id, paths, purls, expired_at: end, statement }] of (
      parsed.data[section] ?? []
    ).entries()) {
      const problem = (key: string, each: number, message: string) =>
        problems.push({
          file,
          ...at([section, index, key, each]),
          message: `${plainText(id, 80)}: ${message}`,
        });
      if (orAny(purls)[0] !== undefined && section !== 'vulnerabilities') {
        problem(
          'purls',
          0,
          `Trivy uses purls for vulnerabilities only, allowed in ${section}: paths; remove them`,
        );
      }
      paths?.forEach((path, each) => {
        if (/[?[\]{}\\!]/.test(path)) {
          problem(
            'paths',
            each,
            `${given(path)} is not supported, allowed: no special characters but * and **; write each path out`,
          );
        }
      });
      purls?.forEach((purl, each) => {
        if (purl.includes('*')) {
          problem(
            'purls',
            each,
            `${given(purl)} has a star, which is an ordinary character for Trivy; write each package out`,
          );
        }
      });
      for (const path of orAny(paths)) {
        for (const purl of orAny(purls)) {
          const entry = {
            id,
            ...(path !== undefined && { path: asOurs(path) }),
            ...(purl !== undefined && { purl: ofEveryVersion(purl) }),
            ...(statement !== undefined && { reason: statement }),
            ...(end !== undefined && { expires: lastDayBefore(new Date(end)) }),
          };
          drafts.push({
            entry,
            at: at([section, index, 'id']),
            ...(section === 'secrets' && { type: 'secret' as const }),
          });
        }
        if (drafts.length > WaiverLimit.waivers) return complete(drafts, file, options);
      }
    }
  }
  return finish(drafts, problems, file, options);
}

type Outcome = Result<Waivers, WaiverProblem[]>;

function finish(
  drafts: readonly Draft[],
  problems: readonly WaiverProblem[],
  file: string,
  options: ImportOptions,
): Outcome {
  const waivers = complete(drafts, file, options);
  return problems.length === 0
    ? waivers
    : failed(inOrder([...problems, ...(waivers.ok ? [] : waivers.error)]));
}

/** An empty list does not narrow an entry, as in Trivy. */
function orAny(list: readonly string[] | null | undefined): readonly (string | undefined)[] {
  return (list ?? []).length === 0 ? [undefined] : list!;
}

/**
 * Two stars differ from one only where they are a whole segment. Elsewhere they must not become wider than in
 * Trivy.
 */
function asOurs(path: string): string {
  return path
    .split('/')
    .map(segment => (segment === '**' ? segment : segment.replace(/\*+/g, '*')))
    .join('/');
}

/** A package URL without a version means every version, in Trivy and in VEX. */
export function ofEveryVersion(purl: string): string {
  const end = /[?#]/.exec(purl)?.index ?? purl.length;
  const base = purl.slice(0, end);
  return base.includes('@') ? purl : `${base}@*${purl.slice(end)}`;
}
