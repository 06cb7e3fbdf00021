#!/usr/bin/env node
import { writeSync } from 'node:fs';
import { run } from './main';
import { ExitCode } from './shell/exit-code';
import { undoAll } from '../adapters/programs/unfinished';
import { plainText } from '../src/core/text/plain-text';

/** Any such end is indeterminate. Node itself would end with 1, which means refused. */
function end(error: unknown): never {
  undoAll();
  try {
    writeSync(
      process.stderr.fd,
      `error: ${plainText(error instanceof Error ? error.message : String(error), 500)}\n`,
    );
  } catch {
    /* stderr is closed */
  }
  process.exit(ExitCode.indeterminate);
}

process.on('uncaughtException', end);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => end(`${signal} came before there was an answer; run it again`));
}
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // EPIPE: the reader has seen enough, as `head` does, and the exit code is the answer
    if (error.code !== 'EPIPE') end(error);
  });
}
run(process.argv.slice(2)).then(code => {
  process.exitCode = code;
}, end);
