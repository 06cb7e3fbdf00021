import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileOf } from './generated';
import { DIGEST, imageOf, runScript, URI, type Ran, type RunOptions } from './runner';

const OTHER = `sha256:${'ff'.repeat(32)}`;
const pushTo = (tag: string) => `skopeo copy --all --digestfile /tmp/digest oci:image docker://${URI}:${tag}`;
const TRUST = [
  `npx cdk-trusted-images rescan ${URI}@${DIGEST} --wait`,
  `npx cdk-trusted-images verify ${URI}@${DIGEST}`,
];
const SCAN =
  'npx cdk-trusted-images scan image --repository team/app --json trusted-images.json --sarif trusted-images.sarif';
/** Another image in the folder than the one that was scanned. */
const swapImage = (folder: string) =>
  Object.entries(imageOf(OTHER)).forEach(([file, content]) => writeFileSync(join(folder, file), content));
const REFUSED = `pushed ${OTHER}, but scanned ${DIGEST}, so nothing is deployed\n`;
const last = ({ calls }: Ran) => calls.at(-1);

describe('on GitHub', () => {
  const step = async (job: string, name: string, options: RunOptions = {}) => {
    const { yaml } = await fileOf('github');
    return runScript(yaml.jobs[job].steps.find((each: any) => each.name === name).run, options);
  };
  const environment = {
    GITHUB_SHA: 'abcdef0123456789abcdef0123456789abcdef01',
    GITHUB_RUN_ID: '7',
    GITHUB_RUN_ATTEMPT: '2',
    GITHUB_OUTPUT: 'output',
  };
  const push = (folder: string, scanned: string) =>
    step('push', 'Push', {
      folder,
      environment: { ...environment, GITHUB_OUTPUT: 'pushed', SCANNED_DIGEST: scanned },
    });
  const outputOf = ({ folder }: Ran) =>
    /^digest=(.*)\n$/.exec(readFileSync(join(folder, 'output'), 'utf8'))![1]!;

  test('what was scanned is pushed, and its digest goes on', async () => {
    const scanned = await step('scan', 'Scan', { environment });
    expect([scanned.code, scanned.calls]).toEqual([0, [SCAN]]);
    const ran = await push(scanned.folder, outputOf(scanned));
    expect([ran.code, ran.stderr, last(ran)]).toEqual([0, '', pushTo('abcdef012345-7-2')]);
    expect(readFileSync(join(ran.folder, 'pushed'), 'utf8')).toBe(
      `digest=${DIGEST}\nimage=${URI}@${DIGEST}\n`,
    );
  });

  test('the digest of the scan is what the push is given', async () => {
    const {
      yaml: { jobs },
    } = await fileOf('github');
    expect(jobs.scan.outputs.digest).toBe('${{ steps.scan.outputs.digest }}');
    expect(jobs.scan.steps.find(({ id }: any) => id === 'scan').name).toBe('Scan');
    expect(jobs.push.steps.find(({ id }: any) => id === 'push').env).toEqual({
      SCANNED_DIGEST: '${{ needs.scan.outputs.digest }}',
    });
  });

  test('an image that was swapped after the scan goes nowhere, nor does one that was not scanned', async () => {
    const scanned = await step('scan', 'Scan', { environment });
    swapImage(scanned.folder);
    expect(await push(scanned.folder, outputOf(scanned))).toMatchObject({ code: 1, stderr: REFUSED });
    expect((await push(scanned.folder, '')).code).toBe(1);
  });

  test('an image that is refused has no digest', async () => {
    const { code, folder } = await step('scan', 'Scan', { environment, fails: 'scan' });
    expect(code).toBe(1);
    expect(() => readFileSync(join(folder, 'output'))).toThrow('ENOENT');
  });

  test('that digest is waited for', async () => {
    const options = { environment: { IMAGE: `${URI}@${DIGEST}` } };
    expect((await step('push', 'Wait for trust', options)).calls).toEqual(TRUST);
    expect(await step('push', 'Wait for trust', { ...options, fails: 'rescan' })).toMatchObject({
      code: 1,
      calls: TRUST.slice(0, 1),
    });
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
    AWS_ID_TOKEN: 'token',
    AWS_WEB_IDENTITY_TOKEN_FILE: 'id-token',
    CI_COMMIT_SHA: 'abcdef0123456789abcdef0123456789abcdef01',
    CI_PIPELINE_ID: '7',
    CI_JOB_ID: '9',
  };

  test('the image is built into a folder', async () => {
    expect((await job('build')).calls).toEqual(['buildah build --tag app .', 'buildah push app oci:image']);
  });

  test.each([
    ['nothing', '0'],
    ['scan', '1'],
  ])('a scan leaves its answer where %s fails, and another job acts on it', async (fails, answer) => {
    const ran = await job('scan', { fails });
    expect([ran.code, last(ran), readFileSync(join(ran.folder, 'trusted-images.code'), 'utf8')]).toEqual([
      0,
      SCAN,
      `${answer}\n`,
    ]);
    expect((await job('policy', { files: { 'trusted-images.code': `${answer}\n` } })).code).toBe(
      Number(answer),
    );
  });

  test('a scan without an exit code fails the job', async () => {
    expect((await job('policy')).code).not.toBe(0);
  });

  test('what was scanned is pushed, and its digest goes on', async () => {
    const { folder } = await job('scan');
    const ran = await job('push', { environment, folder });
    expect([ran.code, ran.stderr, last(ran)]).toEqual([0, '', pushTo('abcdef012345-7-9')]);
    expect(readFileSync(join(ran.folder, 'image.env'), 'utf8')).toBe(
      `IMAGE=${URI}@${DIGEST}\nIMAGE_DIGEST=${DIGEST}\n`,
    );
    expect(readFileSync(join(ran.folder, 'id-token'), 'utf8')).toBe('token');
  });

  test('an image that was swapped after the scan goes nowhere, nor does one that was not scanned', async () => {
    const { folder } = await job('scan');
    swapImage(folder);
    expect(await job('push', { environment, folder })).toMatchObject({ code: 1, stderr: REFUSED });
    expect((await job('push', { environment })).code).toBe(1);
  });

  test('that digest is waited for, and deployed', async () => {
    const digest = { ...environment, IMAGE: `${URI}@${DIGEST}`, IMAGE_DIGEST: DIGEST };
    expect((await job('trust', { environment: digest })).calls.slice(1)).toEqual(TRUST);
    expect(last(await job('deploy', { environment: digest }))).toBe(
      `npx cdk deploy --all --require-approval never --context digest=${DIGEST}`,
    );
  });
});

describe('on CodeBuild', () => {
  const environment = {
    CODEBUILD_RESOLVED_SOURCE_VERSION: 'abcdef0123456789abcdef0123456789abcdef01',
    CODEBUILD_BUILD_ID: 'image:7d0f',
  };
  const build = async (options: RunOptions = {}) => {
    const {
      yaml: { phases },
    } = await fileOf('codepipeline');
    return runScript(
      [...phases.install.commands, ...phases.build.commands, 'echo "$IMAGE_DIGEST"'].join('\n'),
      { environment, ...options },
    );
  };

  test('everything happens in its order', async () => {
    const ran = await build();
    expect([ran.code, ran.stderr, ran.stdout]).toEqual([0, '', `${DIGEST}\n`]);
    expect(ran.calls.filter(call => /^(?:docker buildx build|npx|skopeo copy)/.test(call))).toEqual([
      'docker buildx build --provenance=false --output type=oci,tar=false,dest=image .',
      SCAN,
      pushTo('abcdef012345-7d0f'),
      ...TRUST,
    ]);
  });

  test('an image that is refused is not pushed', async () => {
    const ran = await build({ fails: 'scan' });
    expect([ran.code, last(ran)]).toEqual([1, SCAN]);
  });

  test('an image that was swapped after the scan goes nowhere', async () => {
    const swap = `printf %s '${imageOf(OTHER)['image/index.json']}' > image/index.json`;
    const {
      yaml: { phases },
    } = await fileOf('codepipeline');
    const commands: string[] = phases.build.commands;
    const at = commands.findIndex(command => command.startsWith('SCANNED_DIGEST=')) + 1;
    expect(commands[at - 2]).toContain(' scan image ');
    expect(
      await runScript([...commands.slice(0, at), swap, ...commands.slice(at)].join('\n'), { environment }),
    ).toMatchObject({ code: 1, stderr: REFUSED });
  });
});
