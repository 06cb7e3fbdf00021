import { problemsOfGitlab } from './checkers';
import { fileOf, GIVEN, newFolder } from './generated';

const MINUTES = 5 * 60_000; // for the first time, in which the checkers are installed
const ON_DEFAULT_BRANCH = [{ if: '$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH' }];

test.each([
  ['what is given', GIVEN],
  ['variables', []],
])(
  'a pipeline with %s passes the schema of GitLab',
  async (_, args) => {
    const { path } = await fileOf('gitlab', args);
    expect(await problemsOfGitlab(path)).toEqual([]);
  },
  MINUTES,
);

test(
  'the schema refuses what GitLab refuses',
  async () => {
    const folder = newFolder({
      '.gitlab-ci.yml':
        'scan:\n  script: [echo]\n  artifacts:\n    reports:\n      no-such-report: x\n  id_tokens: AWS\n',
    });
    expect(await problemsOfGitlab(`${folder}/.gitlab-ci.yml`)).toHaveLength(1);
  },
  MINUTES,
);

test('the stages are in their order, and each job waits for what it needs', async () => {
  const { yaml } = await fileOf('gitlab');
  expect(yaml.stages).toEqual(['build', 'scan', 'policy', 'push', 'trust', 'deploy']);
  expect(yaml.stages.map((stage: string) => [stage, yaml[stage].stage, yaml[stage].needs])).toEqual([
    ['build', 'build', undefined],
    ['scan', 'scan', ['build']],
    ['policy', 'policy', ['scan']],
    ['push', 'push', ['build', 'scan', 'policy']],
    ['trust', 'trust', ['push']],
    ['deploy', 'deploy', ['push', 'trust']],
  ]);
});

test('only jobs of the default branch get an identity, and no job has a key', async () => {
  const { yaml, text } = await fileOf('gitlab', GIVEN);
  expect(yaml['.aws']).toMatchObject({
    rules: ON_DEFAULT_BRANCH,
    id_tokens: { AWS_ID_TOKEN: { aud: '$CI_SERVER_URL' } },
  });
  expect(
    ['build', 'scan', 'policy'].filter(
      job => yaml[job].extends !== undefined || yaml[job].id_tokens !== undefined,
    ),
  ).toEqual([]);
  expect(['push', 'trust', 'deploy'].map(job => yaml[job].extends)).toEqual(['.aws', '.aws', '.aws']);
  expect(yaml['.aws'].variables).toMatchObject({ AWS_REGION: 'eu-west-1' });
  expect(yaml.trust.variables).toMatchObject({ TRUSTED_IMAGES_STACK: 'Trust' });
  expect(text).not.toMatch(/AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY)/);
});

test('the role that pushes does not deploy', async () => {
  const { yaml } = await fileOf('gitlab', GIVEN);
  expect(yaml.variables).toMatchObject({
    AWS_PUSH_ROLE_ARN: 'arn:aws:iam::111122223333:role/push',
    AWS_DEPLOY_ROLE_ARN: 'arn:aws:iam::111122223333:role/deploy',
  });
  expect(yaml['.aws'].variables.AWS_ROLE_ARN).toBeUndefined();
  expect(['push', 'trust', 'deploy'].map(job => yaml[job].variables.AWS_ROLE_ARN)).toEqual([
    '$AWS_PUSH_ROLE_ARN',
    '$AWS_PUSH_ROLE_ARN',
    '$AWS_DEPLOY_ROLE_ARN',
  ]);
});

test('what is not given is left to the variables of the project', async () => {
  const { yaml } = await fileOf('gitlab');
  expect(yaml.variables).toEqual({ npm_config_yes: 'false' });
  expect(yaml['.aws'].variables.AWS_REGION).toBeUndefined();
  expect(yaml.trust.variables).toEqual({ AWS_ROLE_ARN: '$AWS_PUSH_ROLE_ARN' });
});

test('findings and digest are reports', async () => {
  const { yaml } = await fileOf('gitlab');
  expect(yaml.scan.artifacts).toMatchObject({
    when: 'always',
    paths: expect.arrayContaining(['trusted-images.digest']),
    reports: { sarif: 'trusted-images.sarif' },
  });
  expect(yaml.push.artifacts).toEqual({ reports: { dotenv: 'image.env' } });
});
