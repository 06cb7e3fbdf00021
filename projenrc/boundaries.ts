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
  test: [...Object.keys(FOLDERS), 'local', 'aws-check', 'examples', 'bench', 'test'],
};

/** The arrows between folders, as a lint rule: what is not allowed here is refused. */
export function addBoundaries(project: awscdk.AwsCdkConstructLibrary): void {
  const folders = Object.entries(FOLDERS).flatMap(([kind, paths]) =>
    paths.map(path => ({ path: path as string, kind: kind as Kind })),
  );
  const beside = Object.keys(BESIDE).map(path => ({ path, kind: path }));
  project.eslint?.addPlugins('boundaries');
  project.eslint!.config.settings['boundaries/elements'] = [...folders, ...beside]
    .map(({ path }) => path)
    // the deepest first: the first that matches wins, and `partialMatch`, else test/local is a local
    .sort((a, b) => depthOf(b) - depthOf(a))
    .map(path => ({
      type: path,
      pattern: path in BESIDE ? `${path}/**` : path,
      partialMatch: false,
    }));
  project.eslint!.config.settings['boundaries/ignore'] = ['.projenrc.ts', 'projenrc/**'];
  project.eslint?.addRules({ 'boundaries/no-unknown-files': 'error' });
  const arrows = [
    ...folders.map(({ path, kind }, at) => {
      const below = folders.slice(0, at + 1).filter(each => MAY_IMPORT[kind].kinds.includes(each.kind));
      return { path, to: below, modules: MAY_IMPORT[kind].modules };
    }),
    ...Object.entries(BESIDE).map(([path, kinds]) => ({
      path,
      to: [...folders, ...beside].filter(({ kind }) => kinds.includes(kind)),
      modules: ['**'],
    })),
  ];
  // a rule for each folder, the deepest last: one for all tries every policy on every import
  for (const { path, to, modules } of arrows.sort((a, b) => depthOf(a.path) - depthOf(b.path))) {
    project.eslint?.addOverride({
      files: [`${path}/**`],
      rules: { 'boundaries/dependencies': ['error', only(path, to, modules)] },
    });
  }
}

function only(path: string, to: readonly { readonly path: string }[], modules: readonly string[]): object {
  return {
    default: 'disallow',
    checkAllOrigins: true,
    policies: [
      {
        from: { element: { type: path } },
        allow: [
          { to: { element: { types: { anyOf: to.map(each => each.path) } } } },
          { to: { module: { origin: ['external', 'core'], source: [...modules] } } },
        ],
      },
    ],
  };
}

const depthOf = (path: string) => path.split('/').length;
