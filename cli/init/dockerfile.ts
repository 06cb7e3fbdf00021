import { isLanguage, LANGUAGES } from './languages';
import { isTaken, taken, writeGenerated } from './write-file';
import { pinnedName } from '../../adapters/registry/pinned-name';
import { checkDockerfile } from '../../dockerfile/check-dockerfile';
import { readDockerfile } from '../../dockerfile/reading/read-dockerfile';
import { outcomeOf } from '../../dockerfile/report';
import { quoted } from '../../src/core/text/plain-text';
import { UserError, usageError } from '../../src/core/user-error';
import type { Cli } from '../shell/cli';
import { fillTemplate, readTemplate } from '../shell/template';

export interface InitDockerfileOptions {
  readonly language: string;
  /** The image that the program runs on. With a digest it is used unchanged. */
  readonly base?: string;
  /** The image that the program is built with. */
  readonly buildBase?: string;
  readonly force?: boolean;
}

const FILES = ['Dockerfile', '.dockerignore'] as const;

/**
 * `init dockerfile` writes a Dockerfile that passes `scan --dockerfile`. Every digest in it comes from a
 * registry or from the user.
 */
export async function initDockerfile(
  { language, base, buildBase, force = false }: InitDockerfileOptions,
  cli: Cli,
): Promise<void> {
  if (!isLanguage(language)) {
    throw usageError(`--language is ${quoted(language, 300)}, allowed: ${Object.keys(LANGUAGES).join(', ')}`);
  }
  const there: string[] = [];
  for (const path of FILES) if (await isTaken(cli.cwd, path)) there.push(path);
  if (there.length > 0 && !force) throw taken(there);
  const defaults = LANGUAGES[language];
  const run = base ?? defaults.base;
  const build = buildBase ?? (defaults.buildBase === defaults.base ? run : defaults.buildBase);
  const runImage = await pinnedName(run, cli);
  const buildImage = build === run ? runImage : await pinnedName(build, cli);
  const content = fillTemplate(readTemplate(`dockerfile/${language}/Dockerfile`), {
    RUN_IMAGE: runImage,
    BUILD_IMAGE: buildImage,
    DATE: cli.now().toISOString().slice(0, 10),
  });
  if (
    outcomeOf(checkDockerfile({ lines: content.split('\n'), reading: readDockerfile(content) })) !== 'PASS'
  ) {
    throw new UserError(
      'the Dockerfile would not pass scan --dockerfile, and nothing was written; please report this with the options that you gave',
    );
  }
  await writeGenerated(cli.cwd, { path: FILES[0], content }, { force });
  await writeGenerated(
    cli.cwd,
    { path: FILES[1], content: readTemplate('dockerfile/.dockerignore') },
    { force },
  );
  cli.out.note(`wrote ${FILES.join(' and ')} for ${language}; before it builds:`);
  for (const step of defaults.next) cli.out.note(`- ${step}`);
  cli.out.note('- keep the digests up to date: use Renovate or Dependabot, or run this again with --force');
}
