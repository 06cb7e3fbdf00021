import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { RegoEngine } from '../../src/core/rego/engine';
import { regoRuntime } from '../../src/policy/rego-engine';

const ROOT = join(__dirname, '../..');

function program(name: string) {
  return { modules: [{ name, source: 'package a\ndeny contains "no" if input.Metadata.OS.EOSL' }], data: {} };
}

/** With which compilers V8 compiled each engine, in a process that runs this text. */
function compilersIn(text: string): string[][] {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--no-warnings', '--trace-wasm-compilation-times', '--import', 'tsx', '--eval', text],
    { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  expect(stderr).toBe(''); // V8 would name a flag here that it does not know
  const modules = new Map<string, string[]>();
  for (const [, module, compiler] of stdout.matchAll(/^Compiled function (\w+)#\d+ using (\w+)/gm)) {
    modules.set(module!, [...(modules.get(module!) ?? []), compiler!]);
  }
  return [...modules.values()]
    .filter(functions => functions.length > 1000) // Node has small modules of its own
    .map(functions => [...new Set(functions)].sort());
}

const CHECK = `
  const { regoRuntime } = require('./src/policy/rego-engine');
  const { modules, data } = ${JSON.stringify(program('a.rego'))};
  if (regoRuntime.checkOnly({ modules, data }).length > 0) throw new Error('the policy has a problem');
`;

test('the engine that checks a policy is not optimised', () => {
  expect(compilersIn(CHECK)).toEqual([['Liftoff']]);
});

test('what the process runs then is', () => {
  const compilers = compilersIn(`${CHECK}
    const { loadRegoEngine } = require('./local/tools/rego-runtime');
    const other = loadRegoEngine(511); // another limit makes it another module
    for (let time = 0; time < 20; time++) other.prepare(modules, { time });
  `);
  expect(compilers.flat()).toContain('TurboFan');
});

test('a policy is compiled once, however many constructs ask for it', () => {
  const prepare = jest.spyOn(RegoEngine.prototype, 'prepare');
  expect([regoRuntime.checkOnly(program('once.rego')), regoRuntime.checkOnly(program('once.rego'))]).toEqual([
    [],
    [],
  ]);
  expect(prepare).toHaveBeenCalledTimes(1);
  regoRuntime.checkOnly(program('another.rego'));
  expect(prepare).toHaveBeenCalledTimes(2);
});
