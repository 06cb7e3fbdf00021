import { awscdk } from 'projen';

const CDK = ['aws-cdk-lib', 'constructs'];
const RUNTIME = ['yaml', 'zod', 'ulid', 'node:*', '@aws-lambda-powertools/*', 'aws-lambda'];

/** The arrows of the house, as one lint rule: what is not allowed here is refused. */
export function addBoundaries(project: awscdk.AwsCdkConstructLibrary): void {
  // else test/local is a local
  const folder = (type: string, path: string) => ({ type, pattern: `${path}/**`, partialMatch: false });
  const sameStage = { type: 'handler', captured: { stage: '{{ from.element.captured.stage }}' } };
  const allow = (type: string, rooms: string[], modules: string[]) => ({
    from: { element: { type } },
    allow: [
      { to: { element: { types: { anyOf: rooms } } } },
      { to: { module: { origin: ['external', 'core'], source: modules } } },
    ],
  });
  project.eslint?.addPlugins('boundaries');
  project.eslint!.config.settings['boundaries/elements'] = [
    // first match wins
    folder('core', 'src/core'),
    folder('runtime', 'src/runtime'),
    folder('construct', 'src/*'),
    folder('barrel', 'src'),
    folder('adapter', 'lambda/adapters'),
    { ...folder('handler', 'lambda/*'), capture: ['stage'] },
    folder('cli', 'cli'),
    folder('local', 'local'),
    folder('example', 'examples'),
    folder('bench', 'bench'),
    folder('test', 'test'),
  ];
  project.eslint!.config.settings['boundaries/ignore'] = ['.projenrc.ts', 'projenrc/**'];
  project.eslint?.addRules({
    'boundaries/no-unknown-files': 'error',
    'boundaries/dependencies': [
      'error',
      {
        default: 'disallow',
        checkAllOrigins: true,
        policies: [
          allow('core', ['core'], ['crypto', 'yaml', 'zod']), // crypto: hashes and checks of signatures, no randomness and no private keys
          allow('runtime', ['core', 'runtime'], ['crypto', 'fs', 'perf_hooks', 'vm', 'zlib']), // Node's part, for who runs core: at synthesis and in Lambda alike
          allow('construct', ['core', 'runtime', 'construct'], [...CDK, 'crypto', 'fs', 'path', 'yaml']),
          allow('barrel', ['construct'], CDK), // image-trust.ts lies beside the barrel, on top of all rooms
          allow('barrel', ['barrel'], []),
          allow('adapter', ['core', 'adapter'], ['@aws-sdk/*', ...RUNTIME]),
          allow('handler', ['core', 'runtime', 'adapter'], RUNTIME),
          { from: { element: { type: 'handler' } }, allow: { to: { element: sameStage } } },
          allow('cli', ['core', 'runtime', 'adapter', 'cli'], ['**']),
          allow('local', ['barrel', 'core', 'runtime', 'adapter', 'local'], ['**']), // adapters: it asks as what is deployed asks,
          allow('example', ['barrel', 'example'], ['**']),
          allow('bench', ['core', 'runtime', 'handler', 'cli', 'local', 'bench', 'barrel'], ['**']),
          allow(
            'test',
            [
              'core',
              'runtime',
              'construct',
              'barrel',
              'adapter',
              'handler',
              'cli',
              'local',
              'example',
              'test',
            ],
            ['**'],
          ),
        ],
      },
    ],
  });
}
