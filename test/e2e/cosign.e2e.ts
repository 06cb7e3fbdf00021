import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cloud } from './cloud';
import { makeRole } from './cloud-fixtures';
import { onlyEmulated } from './only-emulated';
import { nameOf, quickstart } from './quickstart';
import { sessionOf } from '../../local/cloud/assume-role';
import { cloudEnvironment } from '../../local/cloud/description';
import { cosignVerify, type CosignAnswer } from '../../local/cosign/verify';
import { mustRun, run } from '../../local/tools/command';
import { COSIGN_VERSIONS } from '../../local/tools/versions';
import { prepareCases, type Case } from '../../local/verify/cases';
import { readPage } from '../../local/verify/page';
import { ensureCosigns } from '../../local/verify/programs';
import { registryOf } from '../../local/verify/registry-and-register';
import { attach, signWith } from '../../local/verify/signatures';
import { setStage } from '../../local/verify/stage';
import { requiredClaims, withPublicKey, type CosignPrograms } from '../../local/verify/verifiers';
import { blocksOf } from '../docs/markdown';

const NAMES = ['passed', 'failed', 'replayed', 'otherDigest', 'outOfRegister', 'retyped'] as const;

let programs: CosignPrograms;
let cases: Record<(typeof NAMES)[number], Case>;

beforeAll(async () => {
  const outputs = await quickstart();
  programs = await ensureCosigns(line => process.stderr.write(`${line}\n`));
  cases = await prepareCases(cloud(), outputs, NAMES);
});

describe.each(COSIGN_VERSIONS)('cosign %s', version => {
  const ask = ({ image, key }: Pick<Case, 'image' | 'key'>, form: string): Promise<CosignAnswer> => {
    const question = { cosign: programs[version], cloud: cloud(), image, annotations: requiredClaims(image) };
    if (form !== 'cosign.pub') return cosignVerify({ ...question, key: form });
    return withPublicKey(key, file => cosignVerify({ ...question, key: file }));
  };

  describe.each(['awskms:///alias/quickstart', 'cosign.pub'])('--key %s', form => {
    test('accepts an image that passed, and prints what was signed', async () => {
      const { accepted, output } = await ask(cases.passed, form);
      expect(accepted).toBe(true);
      const { account, region, repository, digest } = cases.passed.image;
      expect(JSON.parse(output)).toEqual([
        expect.objectContaining({
          optional: expect.objectContaining({
            image: nameOf(repository, digest),
            repository: `${account}.dkr.ecr.${region}.amazonaws.com/${repository}`,
            verdict: 'PASS',
          }) as object,
        }),
      ]);
    });

    test.each([
      ['an image that was refused', 'failed', /^no signatures found/],
      ['an image that passed in another repository', 'replayed', /missing or incorrect annotation/],
      ['another digest', 'otherDigest', /digest/],
      ['a statement of the register', 'outOfRegister', /unsupported media type|invalid character 'D'/], // of "DSSEv1", which is no JSON
      [
        'a statement of the register, its type rewritten',
        'retyped',
        /accepted signatures do not match|invalid signature/,
      ],
    ] as const)('refuses %s', async (_, name, why) => {
      expect(await ask(cases[name], form)).toEqual({
        accepted: false,
        output: expect.stringMatching(why) as string,
      });
    });
  });

  test('takes the key by its ARN too, which no alias can move', async () => {
    const { KeyMetadata } = await cloud().kms.describeKey({ KeyId: cases.passed.key.alias });
    expect(await ask(cases.passed, `awskms:///${KeyMetadata!.Arn}`)).toMatchObject({ accepted: true });
  });

  test.each([
    [['kms:DescribeKey', 'kms:GetPublicKey'], 'verifies'],
    [['kms:GetPublicKey'], 'is indeterminate'],
    [['kms:DescribeKey'], 'is indeterminate'],
  ])('a role with %j %s', async (actions, outcome) => {
    const { Arn } = (await cloud().kms.describeKey({ KeyId: cases.passed.key.alias })).KeyMetadata!;
    const role = await makeRole('lambda.amazonaws.com', [
      { Effect: 'Allow', Action: actions, Resource: Arn },
    ]);
    const answer = askAs(role, programs[version], cases.passed.image, `awskms:///${Arn}`);
    await (outcome === 'verifies'
      ? expect(answer).resolves.toMatchObject({ accepted: true })
      : expect(answer).rejects.toThrow(/not authorized to perform: kms:/));
  });

  test('after a rotation each of the two keys verifies', async () => {
    const { cloud: description, passed, key, otherKey } = await setStage(cloud(), await quickstart());
    await attach(
      registryOf(description, passed.image.repository),
      passed.image.digest,
      await signWith(otherKey, passed.signed.claims),
    );
    for (const each of [key, otherKey]) {
      expect(await ask({ image: passed.image, key: each }, 'cosign.pub')).toMatchObject({ accepted: true });
    }
  });

  onlyEmulated('the commands of docs/verify.md stand there without a login to the registry', () => {
    test('the commands of docs/verify.md work as they stand there', async () => {
      const block = blocksOf({ file: 'docs/verify.md', text: readPage() }).find(({ code }) =>
        code.includes('$REGISTRY_HOST'),
      )!;
      const { repository, digest } = cases.passed.image;
      const folder = await mkdtemp(join(tmpdir(), 'docs-verify-'));
      try {
        await symlink(programs[version], join(folder, 'cosign'));
        const environment = {
          ...cloudEnvironment(cloud()),
          PATH: `${folder}:${dirname(process.execPath)}:/usr/bin:/bin`,
          HOME: folder,
          REGISTRY_HOST: cloud().registryHost,
          digest,
        };
        const said = await mustRun(
          'bash',
          ['-euc', block.code.replaceAll('team/mine', repository)],
          'see docs/verify.md',
          { cwd: folder, environment },
        );
        expect(said.match(/"verdict":"PASS"/g)).toHaveLength(2); // once a key
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  });
});

async function askAs(role: string, cosign: string, image: Case['image'], key: string): Promise<CosignAnswer> {
  const credentials = await sessionOf(cloud(), cloud(), role.split('/').pop()!);
  return cosignVerify({ cosign, image, key, cloud: { ...cloud(), credentials } }, run);
}
