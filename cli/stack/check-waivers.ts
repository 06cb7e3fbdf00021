import { open, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { answer } from './answer';
import { positive } from './options';
import { plainText, quoted } from '../../src/core/text/plain-text';
import { showProblem } from '../../src/core/text/problem';
import { usageError } from '../../src/core/user-error';
import { readWaivers } from '../../src/core/waivers/read-waivers';
import { WaiverLimit } from '../../src/core/waivers/waiver';
import { textOf, type FileContent } from '../../src/core/waivers/waiver-text';
import type { Cli } from '../shell/cli';
import { ExitCode } from '../shell/exit-code';

export interface CheckOptions {
  readonly maxLife: string;
  readonly json?: boolean;
}

/** Checks a file as publishing it would. It needs no connection to AWS. */
export async function checkWaivers(path: string, { maxLife, json }: CheckOptions, cli: Cli): Promise<void> {
  const maxLifeDays = positive('--max-life', 'days', maxLife);
  const content = await contentOf(resolve(cli.cwd, path)).catch((error: NodeJS.ErrnoException) => {
    throw usageError(
      `the waiver file ${quoted(path, 300)} cannot be read (${error.code ?? error.message}), allowed: a file such as waivers.yaml`,
    );
  });
  const file = plainText(cli.cwd === resolve(cli.cwd, path, '..') ? basename(path) : path, 300);
  const text = textOf(content, file);
  const read = text.ok ? readWaivers(text.value, { file, maxLifeDays, now: cli.now() }) : text;
  const problems = read.ok ? [] : read.error;
  const summary = { file, valid: read.ok, waivers: read.ok ? read.value.length : undefined, problems };
  answer(cli, json, summary, () =>
    read.ok
      ? [`${file}: ${read.value.length} waivers, all valid`]
      : problems.map(problem => plainText(showProblem(problem), 1000)),
  );
  cli.endWith(read.ok ? ExitCode.trusted : ExitCode.refused);
}

/** Without its bytes if it has more than the limit. */
async function contentOf(path: string): Promise<FileContent> {
  // opening a pipe would wait for a writer
  if (!(await stat(path)).isFile()) throw new Error('it is not a file');
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size > WaiverLimit.bytes) return { size };
    const bytes = await file.readFile();
    return { size: bytes.length, bytes };
  } finally {
    await file.close();
  }
}
