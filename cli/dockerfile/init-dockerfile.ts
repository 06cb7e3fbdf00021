import { resolveImage } from './resolve-digest';
import { checkDockerfile } from '../../dockerfile/check-dockerfile';
import { outcomeOf } from '../../dockerfile/report';
import { plainText } from '../../src/core/text/plain-text';
import { UserError, usageError } from '../../src/core/user-error';
import { isTaken, taken, writeGenerated } from '../init/write-file';
import type { Cli } from '../shell/cli';
import { DOCKERIGNORE } from '../templates/dockerignore';
import { isLanguage, TEMPLATES } from '../templates/languages';

export interface InitDockerfileOptions {
  readonly language: string;
  /** The image that the program runs on; with a digest it is taken as it is. */
  readonly base?: string;
  /** The image that it is built with. */
  readonly buildBase?: string;
  readonly force?: boolean;
}

const FILES = ['Dockerfile', '.dockerignore'] as const;

/**
 * `init dockerfile`: a Dockerfile that passes its own check, and whose every digest a registry, or the user,
 * has named.
 */
export async function initDockerfile(
  { language, base, buildBase, force = false }: InitDockerfileOptions,
  cli: Cli,
): Promise<void> {
  if (!isLanguage(language)) {
    throw usageError(
      `--language ${plainText(language, 300)} is not known; it is one of ${Object.keys(TEMPLATES).join(', ')}`,
    );
  }
  const there: string[] = [];
  for (const path of FILES) if (await isTaken(cli.cwd, path)) there.push(path);
  if (there.length > 0 && !force) throw taken(there);
  const template = TEMPLATES[language];
  const run = base ?? template.base;
  const build = buildBase ?? (template.buildBase === template.base ? run : template.buildBase);
  const runImage = await resolveImage(run, cli);
  const buildImage = build === run ? runImage : await resolveImage(build, cli);
  const content = template.render({ runImage, buildImage, date: cli.now().toISOString().slice(0, 10) });
  if (outcomeOf(checkDockerfile(content)) !== 'PASS') {
    throw new UserError(
      'the Dockerfile would not pass its own check, and nothing was written; please report it, with the options that you gave',
    );
  }
  await writeGenerated(cli.cwd, { path: FILES[0], content }, { force });
  await writeGenerated(cli.cwd, { path: FILES[1], content: DOCKERIGNORE }, { force });
  cli.out.note(`wrote ${FILES.join(' and ')} for ${language}; before it builds:`);
  for (const step of template.next) cli.out.note(`- ${step}`);
  cli.out.note(
    '- keep the digests fresh: let Renovate or Dependabot raise them, or run this again with --force',
  );
}
