import { awscdk } from 'projen';
import { FOLDERS, type Kind } from './folders';

const CDK = ['aws-cdk-lib', 'constructs'];
const RUNTIME = ['yaml', 'zod', 'ulid', 'node:*', '@aws-lambda-powertools/*', 'aws-lambda'];

/** What each kind of folder may import: other kinds, and modules from elsewhere. */
export const MAY_IMPORT: Readonly<Record<Kind, { kinds: readonly Kind[]; modules: readonly string[] }>> = {
  // crypto: hashes and checks of signatures, no randomness and no private keys
  core: { kinds: ['core'], modules: ['crypto', 'spdx-license-ids', 'yaml', 'zod'] },
  // Node's part, for who runs core: at synthesis and in Lambda alike
  runtime: { kinds: ['core', 'runtime'], modules: ['crypto', 'fs', 'perf_hooks', 'v8', 'vm', 'zlib'] },
  construct: { kinds: ['core', 'runtime', 'construct'], modules: [...CDK, 'crypto', 'fs', 'path', 'yaml'] },
  library: { kinds: ['construct', 'library'], modules: CDK },
  adapter: { kinds: ['core', 'runtime', 'adapter'], modules: ['@aws-sdk/*', ...RUNTIME] },
  'use-case': { kinds: ['core', 'runtime', 'adapter', 'use-case'], modules: ['@aws-sdk/*', ...RUNTIME] },
  handler: { kinds: ['core', 'runtime', 'adapter', 'use-case', 'handler'], modules: RUNTIME },
  dockerfile: { kinds: ['core', 'runtime', 'adapter', 'dockerfile'], modules: ['crypto', 'zod'] },
  cli: { kinds: ['core', 'runtime', 'adapter', 'use-case', 'dockerfile', 'cli'], modules: ['**'] },
};

/** Folders beside the product, and what they may import. Nothing of the product imports them. */
export const BESIDE: Readonly<Record<string, readonly string[]>> = {
  local: ['library', 'core', 'runtime', 'adapter', 'local'], // adapters: it asks as what is deployed asks
  examples: ['library', 'examples'],
  bench: ['library', 'core', 'runtime', 'adapter', 'use-case', 'cli', 'local', 'bench'],
  'aws-check': ['library', 'core', 'runtime', 'adapter', 'local', 'aws-check'],
  test: [...Object.keys(FOLDERS), 'local', 'aws-check', 'examples', 'test'],
};

/** The arrows between folders, as one lint rule: what is not allowed here is refused. */
export function addBoundaries(project: awscdk.AwsCdkConstructLibrary): void {
  const folders = Object.entries(FOLDERS).flatMap(([kind, paths]) =>
    paths.map(path => ({ path: path as string, kind: kind as Kind })),
  );
  const beside = Object.keys(BESIDE).map(path => ({ path, kind: path }));
  const allow = (from: string, to: readonly string[], modules: readonly string[]) => ({
    from: { element: { type: from } },
    allow: [
      { to: { element: { types: { anyOf: [...to] } } } },
      { to: { module: { origin: ['external', 'core'], source: [...modules] } } },
    ],
  });
  project.eslint?.addPlugins('boundaries');
  project.eslint!.config.settings['boundaries/elements'] = [...folders, ...beside]
    .map(({ path }) => path)
    // the deepest first: the first that matches wins, and `partialMatch`, else test/local is a local
    .sort((a, b) => b.split('/').length - a.split('/').length)
    .map(path => ({
      type: path,
      pattern: path in BESIDE ? `${path}/**` : path,
      partialMatch: false,
    }));
  project.eslint!.config.settings['boundaries/ignore'] = ['.projenrc.ts', 'projenrc/**'];
  project.eslint?.addRules({
    'boundaries/no-unknown-files': 'error',
    'boundaries/dependencies': [
      'error',
      {
        default: 'disallow',
        checkAllOrigins: true,
        policies: [
          ...folders.map(({ path, kind }, at) => {
            const { kinds, modules } = MAY_IMPORT[kind];
            const below = folders.slice(0, at + 1).filter(each => kinds.includes(each.kind));
            return allow(
              path,
              below.map(each => each.path),
              modules,
            );
          }),
          ...Object.entries(BESIDE).map(([path, kinds]) => {
            const allowed = [...folders, ...beside].filter(({ kind }) => kinds.includes(kind));
            return allow(
              path,
              allowed.map(each => each.path),
              ['**'],
            );
          }),
        ],
      },
    ],
  });
}
