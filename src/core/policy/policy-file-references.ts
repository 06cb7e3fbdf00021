import type { FileRule, WaiverFileSource } from './policy-file-schema';
import { readExploitedCatalog } from './rules/exploited-catalog';
import { formatOf } from './waiver-format';
import { Limit } from '../limits';
import { showProblem, type RegoProblem } from '../rego/problem';
import { RegoProgram } from '../rego/rego-program';
import { failed, type Result } from '../result';
import { given, type WaiverProblem } from '../text/problem';
import { joinWaivers } from '../waivers/document';
import type { ImportDefaults } from '../waivers/imported';
import type { Life } from '../waivers/life';
import { fromOpenVex } from '../waivers/open-vex';
import { readWaivers } from '../waivers/read-waivers';
import { fromTrivyIgnore } from '../waivers/trivy-ignore';
import type { Waivers } from '../waivers/waiver';

export interface TextFile {
  /** As the file names it, or a file in the folder that it names. */
  readonly name: string;
  readonly text: string;
}

export interface PolicyFileOptions {
  /** Its name, for messages. Paths in it are relative to its folder. */
  readonly file: string;
  /** A file that it names, or every Rego file of a folder that it names; or why that cannot be read. */
  readonly read: (path: string) => Result<readonly TextFile[], string>;
  /** What is wrong with Rego. The caller brings the engine. */
  readonly check: (program: RegoProgram) => readonly RegoProblem[];
  readonly now: Date;
}

/** Reports a mistake and its place: `say(['policy', 'name'], 'name is …')`. */
export type Say = (path: readonly PropertyKey[], message: string) => void;

const PROBLEMS = 20;

interface RegoFiles extends Pick<PolicyFileOptions, 'read' | 'check'> {
  /** Where the rule stands. */
  readonly at: readonly PropertyKey[];
  /** The folder of the policy file, for messages. */
  readonly folder: string;
  readonly say: Say;
  /** What is wrong in another file, with its own place. */
  readonly sayElsewhere: (message: string) => void;
}

/** The Rego files of a rule, compiled together. Undefined where a problem was found. */
export function readRegoFiles(
  { files, version, data = {} }: FileRule,
  of: RegoFiles,
): RegoProgram | undefined {
  const { at, folder, read, check, say, sayElsewhere } = of;
  const named = new Map<string, string>();
  let isWhole = true;
  (files as readonly string[]).forEach((path, index) => {
    const found = read(path);
    const isEmpty = found.ok && found.value.length === 0;
    const problem = !found.ok
      ? found.error
      : isEmpty
        ? 'has no policy, allowed: files that end with .rego, and not with _test.rego'
        : undefined;
    if (problem !== undefined) {
      isWhole = false;
      say([...at, 'files', index], `${given(path)} ${problem}`);
    }
    // a file that two paths name counts once
    for (const { name, text } of found.ok ? found.value : []) named.set(name, text);
  });
  if (!isWhole) return undefined;
  const size = [...named.values()].reduce((sum, text) => sum + text.length, JSON.stringify(data).length);
  if (size > Limit.policyFileRegoCharacters) {
    say(
      [...at, 'files'],
      `its files have ${size} characters, allowed: ${Limit.policyFileRegoCharacters}; put them into a bucket, and add RegoSource.fromBucket() to the policy in the stack`,
    );
    return undefined;
  }
  const modules = [...named].map(([name, source]) => ({
    name,
    source,
    ...(version !== undefined && { version }),
  }));
  const program = RegoProgram.safeParse({ data, modules });
  if (!program.success) {
    say(
      [...at, 'files'],
      program.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
    );
    return undefined;
  }
  const problems = check(program.data);
  for (const problem of problems.slice(0, PROBLEMS)) {
    if (problem.file === undefined) say([...at, 'files'], showProblem(problem));
    else sayElsewhere(showProblem({ ...problem, file: folder + problem.file }));
  }
  return problems.length > 0 ? undefined : program.data;
}

/** The ids of the catalog that a rule names. Undefined where a problem was found. */
export function readCatalogFile(
  { catalog }: FileRule,
  { at, read, say }: Pick<RegoFiles, 'at' | 'read' | 'say'>,
): { readonly ids: readonly string[] } | undefined {
  const found = read(catalog as string);
  const [file] = found.ok ? found.value : [];
  const ids = !found.ok
    ? found
    : file?.name === catalog && found.value.length === 1
      ? readExploitedCatalog(file.text)
      : failed('is a folder, allowed: a file');
  if (ids.ok) return { ids: ids.value };
  say([...at, 'catalog'], `${given(catalog)} ${ids.error}`);
  return undefined;
}

interface WaiverFiles extends Pick<PolicyFileOptions, 'read'> {
  readonly folder: string;
  readonly life: Life;
  readonly say: Say;
}

/** The waivers of all files together, and what is wrong in them. */
export function readWaiverFiles(
  sources: readonly WaiverFileSource[],
  { folder, life, read, say }: WaiverFiles,
): { waivers: Waivers; problems: WaiverProblem[] } {
  const problems: WaiverProblem[] = [];
  const waivers = sources.flatMap((source, index) => {
    const at = ['waivers', index] as const;
    const wrong = whyWrong(source);
    if (wrong !== undefined) say([...at, wrong.key], wrong.message);
    const found = read(source.file);
    const [text, ...more] = found.ok ? found.value : [];
    if (text === undefined || more.length > 0 || text.name !== source.file) {
      say(
        [...at, 'file'],
        `${given(source.file)} ${found.ok ? 'is a folder, allowed: a file' : found.error}`,
      );
    }
    if (wrong !== undefined || text?.name !== source.file) return [];
    const accepted = accept(text.text, folder + source.file, source, life);
    if (!accepted.ok) problems.push(...accepted.error);
    return accepted.ok ? [accepted.value] : [];
  });
  return { waivers: joinWaivers(waivers), problems };
}

function accept(
  text: string,
  file: string,
  source: WaiverFileSource,
  life: Life,
): Result<Waivers, WaiverProblem[]> {
  const { defaults = {}, registries = [] } = source;
  switch (formatOf(source)) {
    case 'trivyignore':
      return fromTrivyIgnore(text, file, { defaults: defaults as ImportDefaults, ...life });
    case 'openvex':
      return fromOpenVex(text, file, { registries, defaults: defaults as ImportDefaults, ...life });
    default:
      return readWaivers(text, { file, ...life });
  }
}

function whyWrong(source: WaiverFileSource): { key: string; message: string } | undefined {
  const format = formatOf(source);
  if (format === 'waivers' && source.defaults !== undefined) {
    return {
      key: 'defaults',
      message:
        'defaults are given for a file of waivers, allowed: for trivyignore and openvex; in a file of waivers each waiver has all its values',
    };
  }
  if (format === 'openvex' && source.registries === undefined) {
    return {
      key: 'registries',
      message:
        'registries is missing, allowed: hosts such as 111111111111.dkr.ecr.eu-central-1.amazonaws.com; an OpenVEX document names images of registries',
    };
  }
  if (format !== 'openvex' && source.registries !== undefined) {
    return { key: 'registries', message: `registries is given for ${format}, allowed: for openvex` };
  }
  return undefined;
}
