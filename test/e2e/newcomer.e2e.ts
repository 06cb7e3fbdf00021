import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { cloud } from './cloud';
import { eventually } from './eventually';
import { onlyEmulated } from './only-emulated';
import { push, quickstart } from './quickstart';
import { cloudEnvironment } from '../../local/cloud/description';
import { EMULATED_MACHINE } from '../../src/core/scanning/build-machine';
import { addArmReader } from '../newcomer/arm-reader';
import { installNode, namedNodes } from '../newcomer/node-versions';
import { startApp, startBlocks } from '../newcomer/start-page';
import { packInto } from '../support/packed';

onlyEmulated('it names its stacks and repositories as the page does, which an account may have already');

/** Outside of the repository: nothing there finds its modules. */
let home: string;
let app: string;
let path: string;
const [install, deploy, look, service, again] = startBlocks('sh').map(({ code }) => code) as [
  string,
  string,
  string,
  string,
  string,
];

interface Ended {
  readonly code: number;
  readonly said: string;
}

beforeAll(async () => {
  await quickstart(); // for the databases of Trivy, which it serves
  home = mkdtempSync(join(tmpdir(), 'newcomer-'));
  app = join(home, 'images');
  path = [installNode(namedNodes().newest), process.env.PATH].join(delimiter);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Runs a block of the page as a shell that stops at the first failure. */
function run(block: string, cwd = app): Promise<Ended> {
  const { PATH: _path, ...own } = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^AWS_|^npm_|^NODE_OPTIONS$/.test(name)),
  );
  const env = { ...own, ...cloudEnvironment(cloud()), PATH: path, CI: '1', NO_COLOR: '1' };
  return new Promise(resolve =>
    execFile('sh', ['-euc', block], { cwd, env, maxBuffer: 64 * 1024 * 1024 }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), said: `${out}\n${err}` }),
    ),
  );
}

const succeeds = async (block: string, cwd?: string) => {
  const { code, said } = await run(block, cwd);
  if (code !== 0) throw new Error(`${block}ended with ${code}:\n${said.slice(-4000)}`);
  return said;
};

test('the first hour: installed from the package, in audit, then refusing, then with a fixed image', async () => {
  const { archive } = await packInto(join(home, 'packed'));
  expect(install).toContain('npm install cdk-trusted-images ');
  await succeeds(install.replace('npm install cdk-trusted-images ', `npm install ${archive} `), home);
  const { code, audit } = startApp();
  writeFileSync(join(app, 'cdk.json'), startBlocks('json')[0]!.code);
  writeFileSync(join(app, 'app.ts'), code);
  if (process.arch === 'arm64') emulateArm();

  await succeeds(deploy);
  await push('shop/web', 'fixable-critical', 'v1');
  const [status, doctor] = look.trimEnd().split('\n') as [string, string];
  const shown = await eventually('the verdict of v1', async () => {
    const { said } = await run(status);
    return said.includes('FAIL') ? said : undefined;
  });
  expect(shown).toContain('v1');
  expect(await run(doctor)).toEqual({
    code: 1,
    said: expect.stringMatching(/^FOUND +subscribers of alerts /m),
  });

  await succeeds(service);
  expect(await runs()).toContain('@sha256:');
  const before = await runs();

  writeFileSync(join(app, 'app.ts'), code.replace(`${audit}\n`, ''));
  const refused = await run(again);
  expect(refused.code).not.toBe(0);
  const words = refused.said.replace(/\s+/g, ' ');
  expect(words).toContain('is refused: it does not pass policy');
  expect(words).toContain('CVE-2021-44906 in minimist');
  expect(words).toContain('To fix: fix the named violations');
  expect(await runs()).toBe(before);

  const fixed = await push('shop/web', 'clean', 'v2');
  writeFileSync(join(app, 'app.ts'), code.replace(`${audit}\n`, '').replace("tag: 'v1'", "tag: 'v2'"));
  await succeeds(again);
  expect(await runs()).toMatch(new RegExp(`/shop/web@${fixed}$`));

  await succeeds('npx cdk destroy Shop Images --force');
});

/** The image that the function of the stack runs. */
async function runs(): Promise<string> {
  const { StackResources = [] } = await cloud().cloudformation.describeStackResources({ StackName: 'Shop' });
  const { PhysicalResourceId } = StackResources.find(({ LogicalResourceId }) =>
    /^Function[0-9A-F]{8}$/.test(LogicalResourceId!),
  )!;
  const { Code } = await cloud().lambda.getFunction({ FunctionName: PhysicalResourceId! });
  return Code!.ImageUri!;
}

function emulateArm(): void {
  addArmReader(join(app, 'node_modules', 'cdk-trusted-images'));
  const config = JSON.parse(readFileSync(join(app, 'cdk.json'), 'utf8')) as object;
  writeFileSync(
    join(app, 'cdk.json'),
    JSON.stringify({ ...config, context: { [EMULATED_MACHINE]: 'aarch64' } }),
  );
}
