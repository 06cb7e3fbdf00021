import { problemsOfWorkflow } from './checkers';
import { fileOf, GIVEN, newFolder } from './generated';
import { ACTIONS } from '../../../cli/init/pins';

const MINUTES = 5 * 60_000; // for the first time, in which the checkers are built
const stepsOf = (yaml: any): any[] => Object.values<any>(yaml.jobs).flatMap(({ steps }) => steps);

describe.each([
  ['what is given', GIVEN],
  ['variables', []],
])('a workflow with %s', (_, args) => {
  test(
    'passes actionlint, zizmor and the schema of GitHub',
    async () => {
      const { path } = await fileOf('github', args);
      expect(await problemsOfWorkflow(path)).toEqual([]);
    },
    MINUTES,
  );

  test('interpolates nothing into a shell', async () => {
    const { yaml } = await fileOf('github', args);
    expect(stepsOf(yaml).filter(({ run }) => run?.includes('${{'))).toEqual([]);
  });

  test('uses actions by the commit of their version, and says which that is', async () => {
    const { text } = await fileOf('github', args);
    const used = new Set([...text.matchAll(/uses: (.*)/g)].map(([, line]) => line));
    expect(used).toEqual(
      new Set(Object.values(ACTIONS).map(({ name, commit, version }) => `${name}@${commit} # ${version}`)),
    );
    expect(Object.values(ACTIONS).filter(({ commit }) => !/^[0-9a-f]{40}$/.test(commit))).toEqual([]);
  });
});

test(
  'the checkers refuse what is unsafe, and what GitHub refuses',
  async () => {
    const folder = newFolder({
      '.github/workflows/unsafe.yml': `
on: pull_request
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v4
      - run: echo "\${{ github.event.pull_request.title }}"
      - run: echo "\${{ unknown.thing }}"
`,
    });
    const problems = (await problemsOfWorkflow(`${folder}/.github/workflows/unsafe.yml`)).join('\n');
    expect(problems).toContain('template-injection');
    expect(problems).toContain('unpinned-uses');
    expect(problems).toContain('undefined variable "unknown"');
  },
  MINUTES,
);

test('no job has more permissions than it needs', async () => {
  const { yaml } = await fileOf('github');
  expect(yaml.permissions).toEqual({});
  expect(
    Object.fromEntries(Object.entries<any>(yaml.jobs).map(([name, { permissions }]) => [name, permissions])),
  ).toEqual({
    scan: { contents: 'read' },
    findings: { actions: 'read', contents: 'read', 'security-events': 'write' },
    push: { contents: 'read', 'id-token': 'write' },
    deploy: { contents: 'read', 'id-token': 'write' },
  });
  expect(
    stepsOf(yaml).filter(
      step => step.uses?.startsWith('actions/checkout@') && step.with?.['persist-credentials'] !== false,
    ),
  ).toEqual([]);
  expect(Object.values<any>(yaml.jobs).filter(job => job['timeout-minutes'] === undefined)).toEqual([]);
});

test('pull requests are scanned, and only pushes to the branch get credentials', async () => {
  const { yaml, text } = await fileOf('github', GIVEN);
  expect(yaml.on).toEqual({ push: { branches: ['main'] }, pull_request: null });
  expect(yaml.jobs.push).toMatchObject({ needs: 'scan', if: "github.event_name == 'push'" });
  expect(yaml.jobs.deploy).toMatchObject({ needs: 'push', environment: 'production' });
  expect(text).not.toMatch(/aws-access-key-id|secrets\./);
});

test('the findings are shown also when the image is refused', async () => {
  const { yaml } = await fileOf('github');
  expect(yaml.jobs.findings.if).toMatch(/^always\(\) && /);
  // the file names a category for each platform
  expect(yaml.jobs.findings.steps.at(-1).with).toEqual({ sarif_file: 'trusted-images.sarif' });
  expect(yaml.jobs.scan.steps.find(({ name }: any) => name === 'Keep the findings').if).toMatch(
    /^always\(\) && /,
  );
});

test('the role that pushes does not deploy', async () => {
  const { yaml } = await fileOf('github', GIVEN);
  const roles = Object.entries<any>(yaml.jobs).flatMap(([job, { steps }]) =>
    steps.flatMap((step: any) =>
      step.with?.['role-to-assume'] === undefined ? [] : [[job, step.with['role-to-assume']]],
    ),
  );
  expect(roles).toEqual([
    ['push', 'arn:aws:iam::111122223333:role/push'],
    ['deploy', 'arn:aws:iam::111122223333:role/deploy'],
  ]);
});

test('what is not given is a variable of the repository', async () => {
  const { yaml } = await fileOf('github');
  const aws = yaml.jobs.push.steps.find(({ uses }: any) => uses?.startsWith('aws-actions/'));
  expect(aws.with).toEqual({
    'role-to-assume': '${{ vars.AWS_PUSH_ROLE_ARN }}',
    'aws-region': '${{ vars.AWS_REGION }}',
  });
  expect(yaml.env.ECR_REPOSITORY).toBe('${{ vars.ECR_REPOSITORY }}');
});
