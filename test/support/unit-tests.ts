import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const ROOT = join(__dirname, '..', '..');
/**
 * What has to be built or fetched first: `assets`, which constructs read as well, programs that are run, and
 * sources of Go.
 */
const BUILT =
  /from 'aws-cdk-lib|'aws-cdk-lib'|'assets'|\/assets\/|\bensure(?:Tool|GoProduct|AwsData)\(|\(\s*'go',/;
/** Types are gone when a test runs. */
const IMPORT = /^(?:import|export) (?!type\b)[^;]*?from '(\.[^']+)'|(?:import|require)\(\s*'(\.[^']+)'/gms;

interface Source {
  readonly isBuilt: boolean;
  readonly imports: readonly string[];
}

const sources = new Map<string, Source>();

function sourceOf(file: string): Source {
  const known = sources.get(file);
  if (known !== undefined) return known;
  const text = readFileSync(file, 'utf8');
  const imports = Array.from(text.matchAll(IMPORT), ([, from, asked]) => {
    const path = resolve(dirname(file), (from ?? asked!).replace(/\.js$/, ''));
    return [`${path}.ts`, join(path, 'index.ts')].filter(existsSync);
  });
  const source = { isBuilt: BUILT.test(text), imports: imports.flat() };
  sources.set(file, source);
  return source;
}

function isUnit(test: string): boolean {
  const reached = new Set([test]);
  for (const file of reached) {
    const { isBuilt, imports } = sourceOf(file);
    if (isBuilt) return false;
    for (const each of imports) reached.add(each);
  }
  return true;
}

/**
 * Names the tests that run in a fresh clone: nothing that they reach by their imports has to be built. No
 * test is marked, so none is marked wrongly, wherever it moves.
 */
const tests = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.test.ts'))
  .map(file => join('test', file))
  .filter(test => isUnit(join(ROOT, test)));
const [, , option, except] = process.argv;
if (option !== undefined && (option !== '--except' || !tests.includes(except!))) {
  throw new Error(`given: ${process.argv.slice(2).join(' ')}, allowed: --except and the path of a test`);
}
process.stdout.write(`${tests.filter(test => test !== except).join('\n')}\n`);
