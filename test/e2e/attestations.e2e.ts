import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cloud } from './cloud';
import { CommandLine } from './command-line';
import { eventually } from './eventually';
import { onlyEmulated } from './only-emulated';
import { documents, nameOf, push, quickstart } from './quickstart';
import { cdk } from '../../local/cloud/cdk';
import { cosignEnvironment } from '../../local/cosign/environment';
import { follow, followTrust } from '../../local/demo/follow';
import { buildImage } from '../../local/images/image';
import { Layer } from '../../local/images/layer';
import { nodeModules } from '../../local/images/npm-packages';
import { APPLICATION, HARDENED, MINIMIST, supportedOs } from '../../local/images/zoo/ingredients';
import { mustRun, run } from '../../local/tools/command';
import { ensureSlsaVerifier } from '../../local/tools/slsa-verifier';
import { COSIGN_VERSIONS } from '../../local/tools/versions';
import { readPage } from '../../local/verify/page';
import { ensureCosigns } from '../../local/verify/programs';
import type { CosignPrograms } from '../../local/verify/verifiers';
import { BASES_KEY, KnownBases, NO_BASES } from '../../src/core/bases/known-bases';
import { pageKey } from '../../src/core/evidence/evidence-keys';
import { REPOSITORY_URL } from '../../src/core/repository-url';
import { blocksOf } from '../docs/markdown';

onlyEmulated('the commands of docs/verify.md stand there without a login to the registry');

const REPOSITORY = 'attested/app';
const HOST = '000000000000.dkr.ecr.us-east-1.amazonaws.com';
const REPOSITORY_IN_CLAIMS = `${HOST}/${REPOSITORY}`;
const cwd = join(__dirname, 'apps', 'attested');

let register: string;
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
  register = await output('Register');
  await cloud().ecr.createRepository({ repositoryName: REPOSITORY });
  image = await push(REPOSITORY, 'clean', 'image');
  index = await push(REPOSITORY, 'attested', 'index');
  await followTrust(cloud(), register, REPOSITORY, image);
  const { children = [] } = await followTrust(cloud(), register, REPOSITORY, index);
  childOfIndex = children[0]!.digest;
  await followTrust(cloud(), register, REPOSITORY, childOfIndex);
});

afterAll(() => cdk(cloud(), ['destroy', '--force'], { cwd }));

async function output(name: string): Promise<string> {
  const { Stacks } = await cloud().cloudformation.describeStacks({ StackName: 'Attested' });
  return Stacks![0]!.Outputs!.find(({ OutputKey }) => OutputKey === name)!.OutputValue!;
}

describe('an image that is built on a base image of a base repository', () => {
  const BASE = 'attested/base';
  const own = new Layer().file('app/own.txt', 'of the application\n');
  let app: string;
  let oldBase: string;
  let newBase: string;

  beforeAll(async () => {
    const minimist = await nodeModules([MINIMIST]);
    await cloud().ecr.createRepository({ repositoryName: BASE });
    const of = (...layers: Layer[]) => buildImage({ layers, config: HARDENED });
    oldBase = await push(BASE, await of(supportedOs(), minimist), '20.11');
    await known(oldBase);
    newBase = await push(BASE, await of(supportedOs(), APPLICATION), '20.12');
    await known(newBase);
    app = await push(REPOSITORY, await of(supportedOs(), minimist, own), 'on-base');
    expect((await follow(cloud(), register, REPOSITORY, app)).outcome).toBe('FAIL');
  });

  /** Its layers are remembered after its verdict. */
  async function known(digest: string): Promise<void> {
    await eventually(`the layers of ${digest}`, async () => {
      const { Item } = await documents().get({ TableName: register, Key: { pk: BASES_KEY } });
      const { images } = KnownBases.safeParse(Item).data ?? NO_BASES;
      return images.some(each => each.image === nameOf(BASE, digest)) ? images : undefined;
    });
  }

  test('its page says on which newer one a rebuild removes its findings', async () => {
    const { row } = await follow(cloud(), register, REPOSITORY, app);
    const Bucket = await output('Evidence');
    const page = await eventually('the page', async () =>
      cloud()
        .s3.getObject({ Bucket, Key: pageKey({ image: row!.pk, ...row!.verdict! }) })
        .then(({ Body }) => Body!.transformToString())
        .catch(() => undefined),
    );
    const text = page.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
    expect(text).toContain(
      `What to do first rebuild on ${HOST}/${BASE}@${newBase} (tagged 20.12) : 2 findings vanish`,
    );
    expect(text).toMatch(
      new RegExp(`2 of \\d+ findings come from the base image attested/base:20\\.11@${oldBase} ,`),
    );
  });

  test('the page about all images counts it', async () => {
    const cli = new CommandLine();
    const asked = { TRUSTED_IMAGES_STACK: 'Attested' };
    expect(await cli.run(['report', '--html', 'fleet.html'], asked)).toMatchObject({ code: 0, err: '' });
    const text = (await readFile(join(cli.folder, 'fleet.html'), 'utf8'))
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ');
    expect(text).toContain('1 image is on an outdated base image');
    expect(text).toContain(`A newer one passes: attested/base:20.12@${newBase}`);
    cli.close();
  });

  test('scan says the same of it before the push, with what the stack knows', async () => {
    const cli = new CommandLine();
    const ended = await cli.run([
      'scan',
      `${HOST}/${REPOSITORY}@${app}`,
      ...['--from-stack', 'Attested', '--html', 'app.html'],
      ...['--db-repository', 'public.ecr.aws/aquasecurity/trivy-db:2'],
      ...['--java-db-repository', 'public.ecr.aws/aquasecurity/trivy-java-db:1'],
    ]);
    expect(ended.code).toBe(1);
    expect(await readFile(join(cli.folder, 'app.html'), 'utf8')).toContain(
      `rebuild on ${HOST}/${BASE}@${newBase}`,
    );
    cli.close();
  });
});

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
    ['an index', () => index, `${REPOSITORY_URL}/attestations/verdict/v1`, true],
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
