import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';

/** What travels with a dependency in any case. */
const ALWAYS = ['package.json', 'LICENSE'];
const FROM = /(?:from|import\() ?["'](\.[^"']+)["']/g;

/**
 * The files of bundled dependencies that `lib` loads or takes types from. Nobody needs the rest, which is
 * most of zod: its sources, tests, former versions, and the same for ES modules.
 */
export async function reachedFiles(root: string, dependencies: readonly string[]): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['lib/index.js'],
    bundle: true,
    platform: 'node',
    conditions: [], // as Node's `require`, which knows no `module`
    external: ['aws-cdk-lib', 'constructs'],
    write: false,
    metafile: true,
    logLevel: 'error',
  });
  const loaded = Object.keys(metafile.inputs).filter(file => file.startsWith('node_modules/'));
  const types = new Set(loaded.map(file => typesOf(root, file)).filter(file => file !== undefined));
  for (const file of types) {
    for (const [, from] of readFileSync(join(root, file), 'utf8').matchAll(FROM)) {
      const next = typesOf(root, join(dirname(file), from!));
      if (next !== undefined) types.add(next);
    }
  }
  const always = dependencies
    .flatMap(name => ALWAYS.map(file => join('node_modules', name, file)))
    .filter(file => existsSync(join(root, file)));
  return [...new Set([...loaded, ...types, ...always])].map(file => relative('', file)).sort();
}

function typesOf(root: string, file: string): string | undefined {
  return [
    file.replace(/\.cjs$/, '.d.cts').replace(/\.js$/, '.d.ts'),
    `${file}.d.ts`,
    join(file, 'index.d.ts'),
  ].find(types => /\.d\.c?ts$/.test(types) && existsSync(join(root, types)));
}
