import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cloud } from './cloud';
import { onlyEmulated } from './only-emulated';
import { push, quickstart } from './quickstart';
import { cdk } from '../../local/cloud/cdk';
import { cosignEnvironment } from '../../local/cosign/environment';
import { followTrust } from '../../local/demo/follow';
import { mustRun, run } from '../../local/tools/command';
import { ensureSlsaVerifier } from '../../local/tools/slsa-verifier';
import { COSIGN_VERSIONS } from '../../local/tools/versions';
import { readPage } from '../../local/verify/page';
import { ensureCosigns } from '../../local/verify/programs';
import type { CosignPrograms } from '../../local/verify/verifiers';
import { blocksOf } from '../docs/markdown';

onlyEmulated('the commands of docs/verify.md stand there without a login to the registry');

const REPOSITORY = 'attested/app';
const REPOSITORY_IN_CLAIMS = `000000000000.dkr.ecr.us-east-1.amazonaws.com/${REPOSITORY}`;
const cwd = join(__dirname, 'apps', 'attested');

let programs: CosignPrograms;
let slsaVerifier: string;
let image: string;
let index: string;
let childOfIndex: string;

beforeAll(async () => {
  await quickstart(); // for the databases of Trivy, which it serves
  programs = await ensureCosigns(line => process.stderr.write(`${line}\n`));
  slsaVerifier = await ensureSlsaVerifier(line => process.stderr.write(`${line}\n`));
  await cdk(cloud(), ['deploy', '--require-approval=never'], { cwd });
  const { Stacks } = await cloud().cloudformation.describeStacks({ StackName: 'Attested' });
  const register = Stacks![0]!.Outputs!.find(({ OutputKey }) => OutputKey === 'Register')!.OutputValue!;
  await cloud().ecr.createRepository({ repositoryName: REPOSITORY });
  image = await push(REPOSITORY, 'clean', 'image');
  index = await push(REPOSITORY, 'attested', 'index');
  await followTrust(cloud(), register, REPOSITORY, image);
  const { children = [] } = await followTrust(cloud(), register, REPOSITORY, index);
  childOfIndex = children[0]!.digest;
  await followTrust(cloud(), register, REPOSITORY, childOfIndex);
});

afterAll(() => cdk(cloud(), ['destroy', '--force'], { cwd }));

describe.each(COSIGN_VERSIONS)('cosign %s', version => {
  test('the commands of docs/verify.md work as they stand there', async () => {
    const block = blockWith('for type in vuln cyclonedx');
    const said = await inFolder(version, environment =>
      mustRun('bash', ['-euc', block], 'see docs/verify.md', {
        cwd: environment.HOME,
        environment: { ...environment, digest: image },
      }),
    );
    expect(
      said
        .split('\n')
        .filter(line => line.startsWith('{"payload'))
        .map(line => predicateTypeOf(line)),
    ).toEqual(['https://cosign.sigstore.dev/attestation/vuln/v1', 'https://cyclonedx.org/bom']);
  });

  test('slsa-verifier accepts the summary, by the commands of docs/verify.md as they stand there', async () => {
    const block = blockWith('slsa-verifier verify-vsa');
    const said = await inFolder(version, environment =>
      run('bash', ['-euc', block], {
        cwd: environment.HOME,
        environment: { ...environment, digest: image },
      }),
    );
    expect(said.stdout.trim().endsWith('true')).toBe(true);
    expect(said).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Verifying VSA: PASSED') as string,
    });
  });

  test.each([
    ['another image', '--subject-digest "$digest"', `--subject-digest sha256:${'0'.repeat(64)}`, /digest/],
    [
      'another repository',
      'attested/app@$digest"\njq',
      'attested/other@$digest"\njq',
      /resource URI mismatch/,
    ],
    [
      'another verifier',
      '--verifier-id https://github.com/example',
      '--verifier-id https://example.com',
      /verifier ID mismatch/,
    ],
    [
      'a level that it does not say',
      '--verified-level TRUSTED',
      '--verified-level SLSA_BUILD_LEVEL_3 --verified-level TRUSTED',
      /SLSA level/,
    ],
    [
      'another key',
      'slsa-verifier',
      'openssl ecparam -genkey -name prime256v1 -noout | openssl ec -pubout > cosign.pub 2> /dev/null; slsa-verifier',
      /verifying envelope/,
    ],
  ])('slsa-verifier refuses the summary for %s', async (_what, from, to, why) => {
    const block = blockWith('slsa-verifier verify-vsa');
    expect(block).toContain(from);
    const { code, stderr } = await inFolder(version, environment =>
      run('bash', ['-euc', block.replace(from, to)], {
        cwd: environment.HOME,
        environment: { ...environment, digest: image },
      }),
    );
    expect(code).not.toBe(0);
    expect(stderr).toMatch(why);
  });

  test.each([
    ['accepts it while it holds', (rego: string) => rego, true],
    [
      'refuses it for another repository',
      (rego: string) => rego.replace(/attested\/app/, 'attested/other'),
      false,
    ],
    [
      'refuses it when its time is over',
      (rego: string) => rego.replace('> time.now_ns()', `> time.now_ns() + ${15 * 86_400}000000000`),
      false,
    ],
    ['refuses it for another result', (rego: string) => rego.replace('PASSED', 'FAILED'), false],
  ])('the Rego of docs/verify.md %s', async (_what, change, accepts) => {
    const rego = blockWith('package signature').replace(/"\d.*team\/app"/, `"${REPOSITORY_IN_CLAIMS}"`);
    expect(change === undefined || rego).toContain(REPOSITORY_IN_CLAIMS);
    const { code } = await inFolder(version, async environment => {
      await writeFile(join(environment.HOME!, 'summary.rego'), change(rego));
      return run(
        'cosign',
        [
          'verify-attestation',
          ...['--key', 'awskms:///alias/attested', '--insecure-ignore-tlog=true'],
          ...['--type', 'https://slsa.dev/verification_summary/v1', '--policy', 'summary.rego'],
          `${cloud().registryHost}/${REPOSITORY}@${image}`,
        ],
        { environment, cwd: environment.HOME },
      );
    });
    expect(code === 0).toBe(accepts);
  });

  test.each([
    ['an image', () => image, 'vuln', true],
    ['an image', () => image, 'https://slsa.dev/verification_summary/v1', true],
    ['an index', () => index, 'https://slsa.dev/verification_summary/v1', true],
    ['an image of an index', () => childOfIndex, 'vuln', true],
    ['an image of an index', () => childOfIndex, 'cyclonedx', true],
    ['an index', () => index, 'vuln', false],
    ['an index', () => index, 'cyclonedx', false],
    ['an index', () => index, 'https://github.com/example/cdk-trusted-images/attestations/verdict/v1', true],
  ])('%s (%s) has an attestation of the type %s: %s', async (_what, digest, type, has) => {
    const { code } = await inFolder(version, environment =>
      run(
        'cosign',
        [
          'verify-attestation',
          '--key',
          'awskms:///alias/attested',
          '--insecure-ignore-tlog=true',
          '--type',
          type,
          `${cloud().registryHost}/${REPOSITORY}@${digest()}`,
        ],
        { environment },
      ),
    );
    expect(code === 0).toBe(has);
  });
});

function blockWith(part: string): string {
  return blocksOf({ file: 'docs/verify.md', text: readPage() }).find(({ code }) => code.includes(part))!.code;
}

/** With this cosign and slsa-verifier first in PATH, and a home of its own. */
async function inFolder<T>(
  version: (typeof COSIGN_VERSIONS)[number],
  work: (environment: Record<string, string>) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'attestations-'));
  try {
    await symlink(programs[version], join(folder, 'cosign'));
    await symlink(slsaVerifier, join(folder, 'slsa-verifier'));
    return await work({
      ...cosignEnvironment(cloud(), folder),
      PATH: `${folder}:${dirname(process.execPath)}:/usr/bin:/bin`,
      REGISTRY_HOST: cloud().registryHost,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function predicateTypeOf(line: string): string {
  const { payload } = JSON.parse(line) as { payload: string };
  return (JSON.parse(Buffer.from(payload, 'base64').toString()) as { predicateType: string }).predicateType;
}
