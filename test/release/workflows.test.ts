import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { problemsOfWorkflow } from '../cli/init/checkers';
import { ROOT } from '../docs/markdown';

const FOLDER = join(ROOT, '.github', 'workflows');
const NAMES = readdirSync(FOLDER).sort();

interface Step {
  readonly run?: string;
  readonly uses?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly permissions?: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

const text = (name: string) => readFileSync(join(FOLDER, name), 'utf8');
const workflow = (name: string) => parse(text(name)) as Workflow;
const jobs = () =>
  NAMES.flatMap(name =>
    Object.entries(workflow(name).jobs).map(([id, job]) => ({ id: `${name} ${id}`, job })),
  );

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'workflows-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('there is one for pull requests, one for each night, one for dependencies and one for releases', () => {
  expect(NAMES).toEqual(['build.yml', 'nightly.yml', 'release.yml', 'upgrade.yml']);
});

test.each(NAMES)('actionlint, zizmor and the schema find nothing in %s', async name => {
  expect(await problemsOfWorkflow(join(FOLDER, name))).toEqual([]);
});

/** The file with a mistake in it. */
function planted(name: string, from: string | RegExp, to: string): string {
  const before = text(name);
  const after = before.replace(from, to);
  expect(after).not.toBe(before);
  const path = join(folder, name);
  writeFileSync(path, after);
  return path;
}

test.each([
  ['an action by its tag', 'build.yml', /(actions\/checkout)@\w+ # \S+/, '$1@v7', 'unpinned-uses'],
  [
    'all rights for every job',
    'build.yml',
    'permissions: {}',
    'permissions: write-all',
    'excessive-permissions',
  ],
  [
    'a right without a reason',
    'nightly.yml',
    'contents: read # checkout',
    'contents: write',
    'undocumented-permissions',
  ],
  [
    'a title of a pull request in a script',
    'build.yml',
    '.ci/run',
    'echo ${{ github.event.pull_request.title }}',
    'template-injection',
  ],
  [
    'a checkout that keeps its token',
    'build.yml',
    /with:\n +persist-credentials: false\n/,
    '\n',
    'artipacked',
  ],
  ['a key of a job that does not exist', 'release.yml', 'needs: build', 'need: build', 'need'],
])('%s is found', async (_mistake, name, from, to, finding) => {
  expect((await problemsOfWorkflow(planted(name, from, to))).join('\n')).toContain(finding);
});

test('no job has a right but those it names, and only a person lets a job near a registry', () => {
  expect(NAMES.filter(name => JSON.stringify(workflow(name).permissions) !== '{}')).toEqual([]);
  const writing = jobs().flatMap(({ id, job }) =>
    Object.entries(job.permissions ?? { all: 'write' })
      .filter(([, right]) => right !== 'read')
      .map(([scope]) => `${id}: ${scope}${job.environment === undefined ? '' : `, in ${job.environment}`}`),
  );
  expect(writing.sort()).toEqual([
    'release.yml attest: attestations',
    'release.yml attest: id-token',
    'release.yml github: contents',
    'release.yml npm: id-token, in release',
    'release.yml nuget: id-token, in release',
    'release.yml pypi: id-token, in release',
    'upgrade.yml propose: actions',
    'upgrade.yml propose: contents',
    'upgrade.yml propose: pull-requests',
  ]);
});

test('what lives long is what Maven Central and the repository for Go ask for, each in a job in the environment', () => {
  const secrets = jobs().flatMap(({ id, job }) =>
    [...JSON.stringify(job).matchAll(/secrets\.(\w+)/g)].map(
      ([, name]) => `${id}, in ${job.environment}: ${name}`,
    ),
  );
  expect(secrets.sort()).toEqual([
    'release.yml go, in release: GO_DEPLOY_KEY',
    'release.yml maven, in release: MAVEN_GPG_PRIVATE_KEY',
    'release.yml maven, in release: MAVEN_GPG_PRIVATE_KEY_PASSPHRASE',
    'release.yml maven, in release: MAVEN_PASSWORD',
    'release.yml maven, in release: MAVEN_USERNAME',
  ]);
});

test('no file names a registry: the tools know theirs', () => {
  const hosts = NAMES.flatMap(name => text(name).match(/\b[\w.-]+\.(?:org|com|io|net|dev)\b/g) ?? []);
  expect(hosts.filter(host => host !== 'users.noreply.github.com')).toEqual([]);
});

test('every npm script and task that a workflow runs exists', () => {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
  const run = jobs().flatMap(({ job }) => job.steps.map(step => step.run ?? ''));
  const named = [...run.join('\n').matchAll(/(?:npm run (?:-s )?|npx projen )([\w:-]+)/g)].map(
    ([, name]) => name!,
  );
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter(name => !(name in manifest.scripts))).toEqual([]);
});
