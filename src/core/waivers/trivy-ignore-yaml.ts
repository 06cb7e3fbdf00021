import * as z from 'zod';
import {
  complete,
  completeWith,
  lastDayBefore,
  ofEveryVersion,
  type Draft,
  type ImportOptions,
} from './imported';
import { problemWithPurl } from './too-broad';
import { WaiverLimit, type Waivers } from './waiver';
import { failed, type Result } from '../result';
import { plainText } from '../text/plain-text';
import { given, inOrder, lowerFirst, type WaiverProblem } from '../text/problem';
import { packageUrl } from '../text/purl';
import { readYaml } from '../text/yaml-document';

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
type Entry = z.infer<typeof Entry>;
type Section = (typeof SECTIONS)[number];
const Entries = z.array(Entry).nullish();
const TrivyIgnoreFile = z.strictObject({
  vulnerabilities: Entries,
  misconfigurations: Entries,
  secrets: Entries,
  licenses: Entries,
});

const Day = z.iso.date();
const Instant = z.union([Day, z.iso.datetime({ offset: true }).regex(/T\d\d:\d\d:\d\d/)]);

function isInstant(text: string): boolean {
  return Instant.safeParse(text).success;
}

/** Sections of findings, each entry with an id, and perhaps with paths, packages, an end and a reason. */
export function fromYaml(
  text: string,
  file: string,
  options: ImportOptions,
): Result<Waivers, WaiverProblem[]> {
  const tab = text.split('\n').findIndex(line => /^ *\t/.test(line));
  if (tab >= 0) {
    const column = text.split('\n')[tab]!.indexOf('\t') + 1;
    const message = 'a tab at the beginning of a line, which Trivy refuses, allowed: spaces';
    return failed([{ file, line: tab + 1, column, message }]);
  }
  const document = readYaml(text, file, WaiverLimit.bytes);
  if (!document.ok) return document;
  const { value, at, isQuoted } = document.value;
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
    for (const [index, entry] of (parsed.data[section] ?? []).entries()) {
      const quoted = isQuoted([section, index, 'expired_at']);
      for (const { path, message } of problemsOf(entry, section, quoted)) {
        const place = at([section, index, ...path]);
        problems.push({ file, ...place, message: `${plainText(entry.id, 80)}: ${message}` });
      }
      for (const waiver of waiversOf(entry, section)) {
        drafts.push({ entry: waiver, at: at([section, index, 'id']) });
        if (drafts.length > WaiverLimit.waivers) return complete(drafts, file, options);
      }
    }
  }
  return completeWith(problems, drafts, file, options);
}

/** One for each path and package. */
function* waiversOf(
  { id, paths, purls, expired_at: end, statement }: Entry,
  section: Section,
): Generator<Draft['entry'], void> {
  for (const path of orAny(paths)) {
    for (const purl of orAny(purls)) {
      yield {
        id,
        type: TYPES[section],
        ...(path !== undefined && { path: asOurs(path) }),
        ...(purl !== undefined && { purl: ofEveryVersion(purl) }),
        ...(statement !== undefined && { reason: statement }),
        ...(end !== undefined && { expires: lastDayBefore(new Date(end)) }),
      };
    }
  }
}

interface ProblemOfEntry {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function* problemsOf(
  { paths, purls, expired_at: end }: Entry,
  section: Section,
  isEndQuoted: boolean,
): Generator<ProblemOfEntry, void> {
  if (end !== undefined && isEndQuoted && Day.safeParse(end).success) {
    const message = 'a day in quotes, which Trivy refuses, allowed: YYYY-MM-DD without quotes';
    yield { path: ['expired_at'], message };
  }
  if (orAny(purls)[0] !== undefined && section !== 'vulnerabilities') {
    yield { path: ['purls', 0], message: 'Trivy uses purls for vulnerabilities only; remove them' };
  }
  for (const [index, purl] of (purls ?? []).entries()) {
    const wrong = problemWithPackage(purl);
    if (wrong !== undefined) yield { path: ['purls', index], message: `${given(purl)} ${wrong}` };
  }
  if (orAny(paths)[0] !== undefined && WITHOUT_PATH[section] !== undefined) {
    const message = `paths of ${section} are not read here, because ${WITHOUT_PATH[section]}; remove them`;
    yield { path: ['paths', 0], message };
    return;
  }
  for (const [index, path] of (paths ?? []).entries()) {
    const wrong = problemWithGlob(path, section);
    if (wrong !== undefined) yield { path: ['paths', index], message: `${given(path)} ${wrong}` };
  }
}

/** An entry covers findings of its section only. */
const TYPES = {
  vulnerabilities: 'vulnerability',
  misconfigurations: 'misconfiguration',
  secrets: 'secret',
  licenses: 'license',
} as const;

/** Findings that have no path here: an entry with one would be taken, and cover nothing. */
const WITHOUT_PATH: Partial<Record<Section, string>> = {
  misconfigurations: 'a check of an image has no path',
  licenses: 'a licence belongs to a package',
};

function problemWithGlob(path: string, section: Section): string | undefined {
  if (/[?[\]{}\\!]/.test(path)) {
    return 'is not supported, allowed: no special characters but * and **; write each path out';
  }
  if (section === 'vulnerabilities' && path.startsWith('/')) {
    return `covers nothing in Trivy, where the path of a package has no / at its beginning, allowed: ${plainText(path.replace(/^\/+/, ''), 80)}`;
  }
  if (section === 'secrets' && !/^(?:\/|\*\*(?:\/|$))/.test(path)) {
    return `covers nothing in Trivy, where the path of a secret begins with /, allowed: /${plainText(path, 80)}, or **/ at its beginning`;
  }
  return undefined;
}

/** What Trivy reports and takes. It takes more, which covers nothing there or here. */
const PACKAGE = (() => {
  const part = "(?:[\\w.~!$&'()+,:;=-]|%[0-9A-Fa-f]{2})+";
  const qualifier = "[a-z._-][a-z0-9._-]*=(?:[\\w.~!$'()+,:/@-]|%[0-9A-Fa-f]{2})+";
  return new RegExp(
    `^pkg:[a-z][a-z0-9.+-]*(?:/${part})+(?:@${part})?(?:\\?${qualifier}(?:&${qualifier})*)?$`,
  );
})();
/** Types for which it has more rules. No image has packages of them. */
const WITH_RULES = /^pkg:(?:chrome-extension|cpan|julia|otp|swift|vscode-extension)\//;

/**
 * Types of which it reports names as they are written, but reads entries in lower case. So no entry covers a
 * name with upper case.
 */
const READ_IN_LOWER_CASE = /^pkg:(?:composer|deb)\//;

function problemWithPackage(purl: string): string | undefined {
  if (purl.includes('*')) {
    return 'has a star, which is an ordinary character for Trivy; write each package out';
  }
  if (purl.length > WaiverLimit.patternCharacters || problemWithPurl(ofEveryVersion(purl)) !== undefined) {
    return undefined; // the waiver says more
  }
  const { withoutVersion, qualifiers } = packageUrl(purl, 'narrow');
  const keys = qualifiers.map(each => each.split('=')[0]);
  if (!PACKAGE.test(purl) || WITH_RULES.test(purl) || new Set(keys).size < keys.length) {
    return 'is not a package URL as Trivy reports them, allowed: pkg:<type>/<name>@<version>?<key>=<value>; write it as the report has it';
  }
  return READ_IN_LOWER_CASE.test(purl) && withoutVersion !== withoutVersion.toLowerCase()
    ? 'has upper case in its name, which Trivy reads as lower case, allowed: lower case'
    : undefined;
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
