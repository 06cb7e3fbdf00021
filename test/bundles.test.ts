import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentName } from '../src/core/environment';

const assets = join(__dirname, '..', 'assets', 'lambda');
const bundles = readdirSync(assets, { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('index.js'))
  .sort();
const KIB = 1024;
/** With the AWS SDK in it; Lambda reads it all at every cold start. */
const MAX_BYTES = 1024 * KIB;
/** Every stack with a gate has its own copy of it, and waits for it every few seconds. */
const GATE_MAX_BYTES = 500 * KIB;

/**
 * Anything that is not empty will do: a handler parses its environment when it is loaded, and calls nothing.
 */
const ENVIRONMENT: Record<string, string> = {
  ...Object.fromEntries(Object.values(EnvironmentName).map(name => [name, '1'])),
  [EnvironmentName.repositories]: '[{"by":"all"}]',
  [EnvironmentName.baseRepositories]: '[{"by":"prefix","prefix":"base/"}]',
  [EnvironmentName.expectedBuild]: JSON.stringify({
    project: 'p',
    serviceRole: 'r',
    image: 'i',
    environmentType: 't',
    computeType: 'c',
    privileged: false,
    buildspecSha256: 's',
    sourceLocation: 'l',
    uploadsBucketArn: 'b',
    revision: 'r',
    variables: {},
  }),
  [EnvironmentName.allowedDigests]: '[]',
  [EnvironmentName.enforcement]: 'REFUSE',
  [EnvironmentName.grantAccounts]: '["000000000000"]',
  [EnvironmentName.cachedTags]: '[]',
  [EnvironmentName.alertTopics]: '[{"arn":"arn:aws:sns:eu-west-1:000000000000:alerts","format":"TEXT"}]',
  [EnvironmentName.signOptions]: '{"manifests":"TOP","attestations":[]}',
  [EnvironmentName.pinnedKeys]: '[{"arn":"arn:aws:kms:eu-west-1:000000000000:key/1"}]',
  AWS_REGION: 'eu-west-1',
  POWERTOOLS_DEV: 'true',
};

/** Loads a bundle in a process of its own, as Lambda does; says what it exports. */
function load(
  bundle: string,
  environment: Record<string, string>,
): { status: number | null; stdout: string; stderr: string } {
  const script = 'const { handler } = require(process.argv[1]); console.log(typeof handler);';
  return spawnSync(process.execPath, ['--no-warnings', '-e', script, join(assets, bundle)], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH!, ...environment },
  });
}

test('every handler has a bundle', () => {
  const lambda = join(__dirname, '..', 'lambda');
  const handlers = readdirSync(lambda, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.lambda.ts'))
    .sort();
  expect(bundles).toEqual(handlers.map(file => join(file.replace(/\.ts$/, ''), 'index.js')));
});

describe.each(bundles)('%s', bundle => {
  test('holds no CDK and no test tool', () => {
    expect(readFileSync(join(assets, bundle), 'utf8')).not.toMatch(
      /aws-cdk-lib|@aws-cdk\/|constructs\/lib|jsii\.rtti|fast-check/,
    );
  });

  test('is small', () => {
    expect(statSync(join(assets, bundle)).size).toBeLessThanOrEqual(
      bundle.startsWith('gates/await-trust.lambda') ? GATE_MAX_BYTES : MAX_BYTES,
    );
  });

  test('loads where its environment is set, and exports a handler', () => {
    const { status, stdout, stderr } = load(bundle, ENVIRONMENT);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe('function\n');
  });
});

test('the command line is one file, small enough to hold no CDK', () => {
  expect(statSync(join(assets, '..', 'cli', 'trusted-images.js')).size).toBeLessThanOrEqual(1920 * KIB);
});

test.each(bundles.filter(bundle => !bundle.includes('publish-policy')))(
  '%s says which variable is missing',
  bundle => {
    const { status, stderr } = load(bundle, {});
    expect(status).not.toBe(0);
    expect(stderr).toMatch(
      /the environment variable [A-Z_]+ is not set: deploy the function by its construct/,
    );
  },
);
