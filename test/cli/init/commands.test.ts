import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileOf } from './generated';
import { DIGEST, runScript, URI, type Ran, type RunOptions } from './runner';

const OTHER = `sha256:${'ff'.repeat(32)}`;
const pushTo = (tag: string) => `skopeo copy --all --digestfile /tmp/digest oci:image docker://${URI}:${tag}`;
const TRUST = [`npx cdk-trusted-images rescan ${URI}@${DIGEST} --wait`, `npx cdk-trusted-images verify ${URI}@${DIGEST}`];
const SCAN = 'npx cdk-trusted-images scan image --repository team/app --sarif trusted-images.sarif';
const last = ({ calls }: Ran) => calls.at(-1);

describe('on GitHub', () => {
  const step = async (job: string, name: string, options: RunOptions = {}) => {
    const { yaml } = await fileOf('github');
    return runScript(yaml.jobs[job].steps.find((each: any) => each.name === name).run, options);
  };
  const environment = { GITHUB_SHA: 'abcdef0123456789abcdef0123456789abcdef01', GITHUB_RUN_ID: '7', GITHUB_RUN_ATTEMPT: '2', GITHUB_OUTPUT: 'output' };

  test('what was scanned is pushed, and its digest goes on', async () => {
    const ran = await step('push', 'Push', { environment });
    expect([ran.code, ran.stderr, last(ran)]).toEqual([0, '', pushTo('abcdef012345-7-2')]);
    expect(readFileSync(join(ran.folder, 'output'), 'utf8')).toBe(`digest=${DIGEST}\nimage=${URI}@${DIGEST}\n`);
  });

  test('what the registry calls by another digest goes nowhere', async () => {
    const { code, stderr } = await step('push', 'Push', { environment, pushed: OTHER });
    expect([code, stderr]).toEqual([1, `pushed ${OTHER}, but scanned ${DIGEST}, so nothing is deployed\n`]);
  });

  test('that digest is waited for', async () => {
    const options = { environment: { IMAGE: `${URI}@${DIGEST}` } };
    expect((await step('push', 'Wait for trust', options)).calls).toEqual(TRUST);
    expect(await step('push', 'Wait for trust', { ...options, fails: 'rescan' })).toMatchObject({ code: 1, calls: TRUST.slice(0, 1) });
  });

  test('and that digest is deployed', async () => {
    const { calls } = await step('deploy', 'Deploy', { environment: { IMAGE_DIGEST: DIGEST } });
    expect(calls).toEqual([`npx cdk deploy --all --require-approval never --context digest=${DIGEST}`]);
  });
});

describe('on GitLab', () => {
  const job = async (name: string, options: RunOptions = {}) => {
    const { yaml } = await fileOf('gitlab');
    const { before_script = yaml[yaml[name].extends]?.before_script ?? [], script } = yaml[name];
    return runScript([...before_script, ...script].join('\n'), options);
  };
  const environment = {
    AWS_ID_TOKEN: 'token', AWS_WEB_IDENTITY_TOKEN_FILE: 'id-token', CI_COMMIT_SHA: 'abcdef0123456789abcdef0123456789abcdef01', CI_PIPELINE_ID: '7', CI_JOB_ID: '9',
  };

  test('the image is built into a folder', async () => {
    expect((await job('build')).calls).toEqual(['buildah build --tag app .', 'buildah push app oci:image']);
  });

  test.each([['nothing', '0'], ['scan', '1']])('a scan leaves its answer where %s fails, and another job acts on it', async (fails, answer) => {
    const ran = await job('scan', { fails });
    expect([ran.code, last(ran), readFileSync(join(ran.folder, 'trusted-images.code'), 'utf8')]).toEqual([0, SCAN, `${answer}\n`]);
    expect((await job('policy', { files: { 'trusted-images.code': `${answer}\n` } })).code).toBe(Number(answer));
  });

  test('no answer is none', async () => {
    expect((await job('policy')).code).not.toBe(0);
  });

  test('what was scanned is pushed, and its digest goes on', async () => {
    const ran = await job('push', { environment });
    expect([ran.code, ran.stderr, last(ran)]).toEqual([0, '', pushTo('abcdef012345-7-9')]);
    expect(readFileSync(join(ran.folder, 'image.env'), 'utf8')).toBe(`IMAGE=${URI}@${DIGEST}\nIMAGE_DIGEST=${DIGEST}\n`);
    expect(readFileSync(join(ran.folder, 'id-token'), 'utf8')).toBe('token');
    expect((await job('push', { environment, pushed: OTHER })).code).toBe(1);
  });

  test('that digest is waited for, and deployed', async () => {
    const digest = { ...environment, IMAGE: `${URI}@${DIGEST}`, IMAGE_DIGEST: DIGEST };
    expect((await job('trust', { environment: digest })).calls.slice(1)).toEqual(TRUST);
    expect(last(await job('deploy', { environment: digest }))).toBe(`npx cdk deploy --all --require-approval never --context digest=${DIGEST}`);
  });
});

describe('on CodeBuild', () => {
  const environment = { CODEBUILD_RESOLVED_SOURCE_VERSION: 'abcdef0123456789abcdef0123456789abcdef01', CODEBUILD_BUILD_ID: 'image:7d0f' };
  const build = async (options: RunOptions = {}) => {
    const { yaml: { phases } } = await fileOf('codepipeline');
    return runScript([...phases.install.commands, ...phases.build.commands, 'echo "$IMAGE_DIGEST"'].join('\n'), { environment, ...options });
  };

  test('everything happens in its order', async () => {
    const ran = await build();
    expect([ran.code, ran.stderr, ran.stdout]).toEqual([0, '', `${DIGEST}\n`]);
    expect(ran.calls.filter(call => /^(?:docker buildx build|npx|skopeo copy)/.test(call))).toEqual([
      'docker buildx build --provenance=false --output type=oci,tar=false,dest=image .', SCAN, pushTo('abcdef012345-7d0f'), ...TRUST,
    ]);
  });

  test('an image that is refused is not pushed', async () => {
    const ran = await build({ fails: 'scan' });
    expect([ran.code, last(ran)]).toEqual([1, SCAN]);
  });
});
