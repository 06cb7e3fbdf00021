#!/usr/bin/env node
import { writeSync } from 'node:fs';
import { run } from './main';
import { ExitCode } from './shell/exit-code';
import { undoAll } from '../adapters/programs/unfinished';
import { plainText } from '../src/core/text/plain-text';

/** Whatever it was: nothing was told. Node itself would end with 1, which means refused. */
function end(error: unknown): never {
  undoAll();
  try {
    writeSync(
      process.stderr.fd,
      `error: ${plainText(error instanceof Error ? error.message : String(error), 500)}\n`,
    );
  } catch {
    /* nobody reads it */
  }
  process.exit(ExitCode.indeterminate);
}

process.on('uncaughtException', end);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => end(`${signal} came before there was an answer; run it again`));
}
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // else whoever read it has seen enough, as `head` does, and the answer is the exit code
    if (error.code !== 'EPIPE') end(error);
  });
}
run(process.argv.slice(2)).then(code => {
  process.exitCode = code;
}, end);
