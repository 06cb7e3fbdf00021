import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { fileOf, FILES, GIVEN, init, newFolder, type System } from './generated';
import { IMAGES, TRIVY } from '../../../cli/init/pins';
import { RELEASES } from '../../../local/tools/versions';

const SYSTEMS = Object.keys(FILES) as System[];

describe.each(SYSTEMS)('init %s', system => {
  test('writes its file, and says what to do before it runs', async () => {
    const { code, stderr, folder } = await init([system]);
    expect([code, existsSync(join(folder, FILES[system]))]).toEqual([0, true]);
    expect(stderr).toContain(
      `wrote ${FILES[system]}; before it runs:\n- npm install --save-dev aws-cdk cdk-trusted-images`,
    );
  });

  test('overwrites a file only with --force', async () => {
    const { folder } = await init([system]);
    writeFileSync(join(folder, FILES[system]), 'mine');
    const { code, stderr } = await init([system], folder);
    expect([code, stderr]).toEqual([
      64,
      `error: ${FILES[system]} is there already, and nothing was written: move it away, or overwrite it with --force\n`,
    ]);
    expect(readFileSync(join(folder, FILES[system]), 'utf8')).toBe('mine');
    expect((await init([system, '--force'], folder)).code).toBe(0);
    expect(readFileSync(join(folder, FILES[system]), 'utf8')).not.toBe('mine');
  });

  test('the policy of this folder is the one of the scan', async () => {
    const { text } = await fileOf(system, [], newFolder({ 'trusted-images.yaml': 'version: 1\n' }));
    expect(text).toContain('--sarif trusted-images.sarif --policy trusted-images.yaml');
    expect((await fileOf(system)).text).not.toContain('--policy');
  });

  test('Trivy is the one of the deployed scans, by its digest', async () => {
    const { text } = await fileOf(system);
    expect(TRIVY).toEqual({ url: RELEASES.trivy.url, sha256: RELEASES.trivy.sha256 });
    expect(text).toMatch(new RegExp(`echo '${TRIVY.sha256}  /tmp/trivy.tar.gz' \\| sha256sum --check`));
  });

  test('npx downloads nothing', async () => {
    const { yaml } = await fileOf(system);
    expect((yaml.variables ?? yaml.env.variables ?? yaml.env).npm_config_yes).toBe('false');
  });
});

test.each([
  ['--repository', 'Team/App', 'the name of a repository in Amazon ECR, like team/app'],
  ['--repository', 'team/app\n  evil: true', 'the name of a repository in Amazon ECR, like team/app'],
  ['--repository', '$(id)', 'the name of a repository in Amazon ECR, like team/app'],
  ['--region', 'Ireland', 'an AWS Region, like eu-west-1'],
  ['--push-role-arn', 'arn:aws:iam::1:role/x', 'the ARN of a role, like arn:aws:iam::111122223333:role/push'],
  [
    '--deploy-role-arn',
    'arn:aws:iam::111122223333:role/${{x}}',
    'the ARN of a role, like arn:aws:iam::111122223333:role/push',
  ],
  ['--stack', '-x', 'the name of the stack that has the ImageTrust, like Trust'],
])('%s %j is refused, and nothing is written', async (flag, value, allowed) => {
  const { code, stderr, folder } = await init(['github', `${flag}=${value}`]);
  expect(code).toBe(64);
  expect(stderr).toContain(`error: ${flag} is `);
  expect(stderr).toContain(`, allowed: ${allowed}`);
  expect(existsSync(join(folder, FILES.github))).toBe(false);
});

test.each([
  ['true', '2024-01-01'],
  ['null', '1e3'],
  ['No', '0777'],
])('a stack %s and a repository %s are text, also for readers of YAML 1.1', async (stack, repository) => {
  const texts = await Promise.all(
    SYSTEMS.map(
      async system =>
        (
          await fileOf(system, [
            '--repository',
            repository,
            ...(system === 'codepipeline' ? [] : ['--stack', stack]),
          ])
        ).text,
    ),
  );
  const [github, gitlab, codepipeline] = texts.map(text => parse(text, { version: '1.1' }));
  const { env } = github.jobs.push.steps.find(({ name }: any) => name === 'Wait for trust');
  expect([
    github.env.ECR_REPOSITORY,
    gitlab.variables.ECR_REPOSITORY,
    codepipeline.env.variables.ECR_REPOSITORY,
  ]).toEqual(Array(3).fill(repository));
  expect([env.TRUSTED_IMAGES_STACK, gitlab.trust.variables.TRUSTED_IMAGES_STACK]).toEqual([stack, stack]);
});

test('what is given is asked for no more', async () => {
  const { stderr } = await init(['github', ...GIVEN]);
  expect(stderr).not.toContain('gh variable set');
  expect((await init(['github'])).stderr.match(/gh variable set \w+/g)).toEqual(
    ['ECR_REPOSITORY', 'AWS_REGION', 'AWS_PUSH_ROLE_ARN', 'AWS_DEPLOY_ROLE_ARN', 'TRUSTED_IMAGES_STACK'].map(
      name => `gh variable set ${name}`,
    ),
  );
});

test('a region of CodePipeline is that of its stack', async () => {
  expect((await init(['codepipeline', '--region', 'eu-west-1'])).code).toBe(64);
});

test('images are pinned', () => {
  expect(Object.values(IMAGES).filter(image => !/@sha256:[0-9a-f]{64}$/.test(image))).toEqual([
    IMAGES.buildah,
  ]);
  expect(IMAGES.buildah).toMatch(/:v\d+\.\d+\.\d+$/);
});
