import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { cloud } from './cloud';
import { refusalOf } from './cloud-fixtures';
import { eventually } from './eventually';
import { isRevoked, otherAccount, outputsOf, untilImporters } from './import-fixtures';
import { onlyEmulated } from './only-emulated';
import { push, quickstart } from './quickstart';
import { cdk } from '../../local/cloud/cdk';
import type { CloudDescription } from '../../local/cloud/description';
import { stackResources } from '../../local/cloud/stack-resources';
import type { Content } from '../../local/images/content';
import { buildImage } from '../../local/images/image';
import { APPLICATION, HARDENED, historyOf, supportedOs } from '../../local/images/zoo/ingredients';
import type { ZooName } from '../../local/images/zoo/zoo';
import { pythonWithPackage } from '../../local/package/python';
import { ROOT } from '../docs/markdown';
import { addArmReader } from '../newcomer/arm-reader';
import { installNode, namedNodes } from '../newcomer/node-versions';
import { packInto } from '../support/packed';

onlyEmulated('it needs two more accounts, and the examples name their stacks and repositories themselves');

/** The account that the platform's team lists, and one that it does not list. */
const [LISTED, STRANGER] = ['222222222222', '933333333333'];
/** Another region than that of the trust. */
const REGION = 'eu-west-1';

/** Outside of the repository: nothing there finds its modules. */
let home: string;
let environment: Record<string, string>;

beforeAll(async () => {
  await quickstart(); // for the databases of Trivy, which it serves
  home = mkdtempSync(join(tmpdir(), 'packed-'));
  const python = await pythonWithPackage(join(home, 'wheel'));
  const node = installNode(namedNodes().oldest);
  environment = { ...python, PATH: [node, python.PATH].join(delimiter) };
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** An app of `examples`, in a folder that knows only what is installed there. */
class Example {
  public readonly folder: string;

  constructor(name: string) {
    this.folder = join(home, 'apps', name);
    cpSync(join(ROOT, 'examples', name), this.folder, {
      recursive: true,
      filter: path => !path.endsWith('cdk.out'),
    });
  }

  public run(args: readonly string[], by: CloudDescription = cloud()): Promise<string> {
    return cdk(by, args, { cwd: this.folder, environment });
  }

  public deploy(stack: string, tag?: string, by?: CloudDescription): Promise<string> {
    const context = tag === undefined ? [] : ['--context', `tag=${tag}`];
    return this.run(['deploy', stack, '--exclusively', '--require-approval=never', ...context], by);
  }

  public write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text);
  }

  /** As its team edits it. */
  public edit(file: string, ...changes: readonly (readonly [from: string, to: string])[]): void {
    const before = readFileSync(join(this.folder, file), 'utf8');
    const after = changes.reduce((text, [from, to]) => {
      expect(text).toContain(from);
      return text.replace(from, to);
    }, before);
    this.write(file, after);
  }
}

test('an app in Python is deployed from the wheel: a vulnerable image is refused, a clean one runs', async () => {
  const app = new Example('quickstart-python');
  await app.deploy('PythonImages');
  await push('python/web', 'fixable-critical', 'v1');
  const refused = await refusalOf(app.deploy('PythonService', 'v1'));
  expect(refused).toContain('is refused: it does not pass policy');
  expect(refused).toContain('CVE-2021-44906');

  const fixed = await push('python/web', 'clean', 'v2');
  await app.deploy('PythonService', 'v2');
  expect(await imageOfFunction('PythonService')).toMatch(new RegExp(`/python/web@${fixed}$`));

  await app.run(['destroy', 'PythonService', 'PythonImages', '--force']);
});

describe('a platform from the tarball, a team in its account, and a team in Python from the wheel in another account and region', () => {
  let platform: Example;
  let web: Example;
  let jobs: Example;
  let listed: CloudDescription;
  /** The name of the table. */
  let register: string;
  /** The digests of the images that run. */
  let running: { web: string; job: string };

  /** As the other team does when it imports the trust, and when a key is replaced. */
  async function copyOutputs(): Promise<void> {
    const { Stacks } = await cloud().cloudformation.describeStacks({ StackName: 'Platform' });
    jobs.write('platform.json', JSON.stringify(Stacks![0]!.Outputs));
  }

  const refusals = async (tag: string) => [
    await refusalOf(web.deploy('TeamWeb', tag)),
    await refusalOf(jobs.deploy('TeamJobs', tag, listed)),
  ];
  const pushBoth = async (image: ZooName | Content, tag: string) => ({
    web: await push('teams/web', image, tag),
    job: await push('teams/jobs', image, tag),
  });

  beforeAll(async () => {
    await installTarball();
    [platform, web, jobs] = ['platform', 'team-typescript', 'team-python'].map(name => new Example(name)) as [
      Example,
      Example,
      Example,
    ];
    // the stranger may pull, so that only the trust refuses it
    platform.edit('app.ts', [
      "jobs = trust.addRepository('Jobs', { repositoryName: 'teams/jobs' });",
      `jobs = trust.addRepository('Jobs', { repositoryName: 'teams/jobs' });
jobs.repository.grantPull(new AccountPrincipal('${STRANGER}'));`,
    ]);
    await platform.deploy('Platform');
    const outputs = await outputsOf('Platform');
    register = outputs.TrustedImagesRegisterTableArn!.split('/').at(-1)!;
    await copyOutputs();
    listed = await otherAccount(LISTED!, REGION);
  });

  test('good images are deployed, and the trust knows who imports it', async () => {
    running = await pushBoth(await release(1), 'v1');
    await web.deploy('TeamWeb', 'v1');
    expect(await imageOfFunction('TeamWeb')).toMatch(new RegExp(`/teams/web@${running.web}$`));
    await jobs.deploy('TeamJobs', 'v1', listed);
    await untilImporters(register, 2);
  });

  test('bad ones are refused', async () => {
    await pushBoth('fixable-critical', 'bad');
    for (const refused of await refusals('bad')) {
      expect(refused).toContain('is refused: it does not pass policy');
      expect(refused).toContain('upgrade minimist to 0.2.4');
    }
    expect(await imageOfFunction('TeamWeb')).toMatch(new RegExp(`/teams/web@${running.web}$`));
  });

  test('an account that is not listed is denied', async () => {
    const denied = await refusalOf(jobs.deploy('TeamJobs', 'v1', await otherAccount(STRANGER!, REGION)));
    expect(denied).toContain('is refused: it could not be looked up (AccessDenied');
    expect(denied).toContain(`importers: [Importer.account('${STRANGER}')]`);
  });

  test('after a change of the key, who imports by name deploys, and who named keys names the new one', async () => {
    platform.edit(
      'app.ts',
      ['\n\n', "\nimport { Key } from 'aws-cdk-lib/aws-kms';\n\n"],
      [
        "signing: { key: new SigningKey(platform, 'SigningKey2026', { aliasName: 'platform-2026' }) }",
        `signing: {
    key: new SigningKey(platform, 'SigningKey2027', { aliasName: 'platform-2027' }),
    formerKeys: [{
      key: Key.fromKeyArn(platform, 'Former', '${await keyOf('platform-2026')}'),
      acceptedUntil: '${new Date(Date.now() + 4 * 86_400_000).toISOString()}',
    }],
  }`,
      ],
    );
    await platform.deploy('Platform');
    await pushBoth(await release(2), 'v2');
    await web.deploy('TeamWeb', 'v2');
    expect(await refusalOf(jobs.deploy('TeamJobs', 'v2', listed))).toContain(
      'its statement is not signed by a pinned key',
    );
    await copyOutputs();
    await jobs.deploy('TeamJobs', 'v2', listed);
  });

  test('revoked ones are refused', async () => {
    platform.edit(
      'app.ts',
      ['Importer,', 'Importer, PolicyRule,'],
      ['ImagePolicy.standard()', "ImagePolicy.standard().plus(PolicyRule.requiredLabels(['owner']))"],
    );
    await platform.deploy('Platform');
    await eventually(
      'both images are revoked',
      async () =>
        (await isRevoked(register, 'teams/web', running.web)) &&
        (await isRevoked(register, 'teams/jobs', running.job)),
    );
    for (const refused of await refusals('v1')) {
      expect(refused).toContain('it was trusted, and a later verdict refused it');
    }
  });

  test('when nobody imports the trust any longer, it is deleted', async () => {
    await jobs.run(['destroy', 'TeamJobs', '--force'], listed);
    await web.run(['destroy', 'TeamWeb', '--force']);
    await untilImporters(register, 0);
    await platform.run(['destroy', 'Platform', '--force']);
  });
});

/** Beside the apps in TypeScript, with the oldest CDK that it allows. */
async function installTarball(): Promise<void> {
  const { archive } = await packInto(join(home, 'packed'));
  const { peerDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    peerDependencies: Record<string, string>;
  };
  const peers = Object.entries(peerDependencies).map(([name, range]) => `${name}@${range.replace('^', '')}`);
  const folder = join(home, 'apps');
  mkdirSync(folder, { recursive: true });
  execFileSync(
    'npm',
    ['install', '--prefix', folder, '--no-audit', '--no-fund', archive, ...peers, 'tsx@4'],
    { cwd: folder, stdio: 'pipe' },
  );
  addArmReader(join(folder, 'node_modules', 'cdk-trusted-images'));
}

/** An image that passes, with a digest of its own. */
function release(version: number): Promise<Content> {
  const config = { ...HARDENED, Labels: { version: String(version) } };
  return buildImage({ layers: [supportedOs(), APPLICATION], config, history: historyOf(2, config) });
}

async function keyOf(alias: string): Promise<string> {
  return (await cloud().kms.describeKey({ KeyId: `alias/${alias}` })).KeyMetadata!.Arn!;
}

/** The image that the function of a stack runs. */
async function imageOfFunction(stack: string): Promise<string> {
  const { PhysicalResourceId } = (await stackResources(cloud(), stack)).find(({ LogicalResourceId }) =>
    /^Function[0-9A-F]{8}$/.test(LogicalResourceId!),
  )!;
  const { Code } = await cloud().lambda.getFunction({ FunctionName: PhysicalResourceId! });
  return Code!.ImageUri!;
}
