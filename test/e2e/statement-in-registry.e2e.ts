import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloud } from './cloud';
import { onlyEmulated } from './only-emulated';
import { quickstart } from './quickstart';
import { cosignEnvironment } from '../../local/cosign/environment';
import { run } from '../../local/tools/command';
import { COSIGN_VERSIONS } from '../../local/tools/versions';
import { prepareCases, type Case } from '../../local/verify/cases';
import { ensureCosigns } from '../../local/verify/programs';
import type { CosignPrograms } from '../../local/verify/verifiers';
import { SIGN_V1 } from '../../src/core/signing/statement';

onlyEmulated("the register is forged, which on AWS its table's policy denies");

/** What cosign 2.5.0 asks for before it looks at a bundle. */
const EMPTY_ROOT = '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}';
const FORMS = {
  'its tag': ['--new-bundle-format=false'],
  'a bundle': ['--new-bundle-format', '--trusted-root', 'root.json'],
} as const;

let home: string;
let programs: CosignPrograms;
let cases: Record<'outOfRegister' | 'retyped', Case>;

beforeAll(async () => {
  const outputs = await quickstart();
  programs = await ensureCosigns(line => process.stderr.write(`${line}\n`));
  cases = await prepareCases(cloud(), outputs, ['outOfRegister', 'retyped']);
  home = await mkdtemp(join(tmpdir(), 'cosign-'));
  await writeFile(join(home, 'root.json'), EMPTY_ROOT);
});
afterAll(() => rm(home, { recursive: true, force: true }));

/** That `cosign verify` refuses them is in cosign.e2e.ts and in the table of docs/verify.md. */
describe.each(COSIGN_VERSIONS)(
  'rule 5.8, the key signs only PASS: cosign %s verify-attestation refuses the statement of the register',
  version => {
    test.each([
      [
        'outOfRegister',
        'its tag',
        'invalid payloadType application/vnd.trusted-images.statement+json on envelope',
      ],
      ['outOfRegister', 'a bundle', 'unsupported media type'],
      ['retyped', 'its tag', 'accepted signatures do not match threshold'],
      ['retyped', 'a bundle', 'accepted signatures do not match threshold'],
    ] as const)('%s, in %s: %s', async (name, form, why) => {
      const {
        image: { repository, digest },
        key,
      } = cases[name];
      const image = `${cloud().registryHost}/${repository}@${digest}`;
      const args = [
        'verify-attestation',
        '--key',
        `awskms:///${key.alias}`,
        '--insecure-ignore-tlog=true',
        '--type',
        SIGN_V1,
        ...FORMS[form],
        image,
      ];
      const { code, stderr } = await run(programs[version], args, {
        cwd: home,
        environment: cosignEnvironment(cloud(), home),
      });
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(why) as string });
    });
  },
);
