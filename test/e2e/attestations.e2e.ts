import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cloud } from './cloud';
import { onlyEmulated } from './only-emulated';
import { push, quickstart } from './quickstart';
import { cdk } from '../../local/cloud/cdk';
import { cosignEnvironment } from '../../local/cosign/environment';
import { followTrust } from '../../local/demo/follow';
import { mustRun, run } from '../../local/tools/command';
import { COSIGN_VERSIONS } from '../../local/tools/versions';
import { readPage } from '../../local/verify/page';
import { ensureCosigns } from '../../local/verify/programs';
import type { CosignPrograms } from '../../local/verify/verifiers';
import { blocksOf } from '../docs/markdown';

onlyEmulated('the commands of docs/verify.md stand there without a login to the registry');

const REPOSITORY = 'attested/app';
const cwd = join(__dirname, 'apps', 'attested');

let programs: CosignPrograms;
let image: string;
let index: string;
let childOfIndex: string;

beforeAll(async () => {
  await quickstart(); // for the databases of Trivy, which it serves
  programs = await ensureCosigns(line => process.stderr.write(`${line}\n`));
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
    const block = blocksOf({ file: 'docs/verify.md', text: readPage() }).find(
      ({ code }) => code.includes('cosign verify-attestation') && code.includes('$REGISTRY_HOST'),
    )!;
    const said = await inFolder(version, environment =>
      mustRun('bash', ['-euc', block.code], 'see docs/verify.md', {
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

  test.each([
    ['an image', () => image, 'vuln', true],
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

/** With this cosign first in PATH, and a home of its own. */
async function inFolder<T>(
  version: (typeof COSIGN_VERSIONS)[number],
  work: (environment: Record<string, string>) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'attestations-'));
  try {
    await symlink(programs[version], join(folder, 'cosign'));
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
