#!/usr/bin/env node
import { run } from './main';

run(process.argv.slice(2)).then(code => { process.exitCode = code; }, (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2; // whatever it was: nothing was told
});
