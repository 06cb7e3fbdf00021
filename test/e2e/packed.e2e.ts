import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { cloud, emulator } from './cloud';
import { eventually } from './eventually';
import { isRevoked, outputsOf, refusalOf } from './import-fixtures';
import { onlyEmulated } from './only-emulated';
import { documents, push, quickstart } from './quickstart';
import type { Credentials } from '../../local/cloud/aws-clients';
import { bootstrap, cdk } from '../../local/cloud/cdk';
import type { CloudDescription } from '../../local/cloud/description';
import { stackResources } from '../../local/cloud/stack-resources';
import type { Content } from '../../local/images/content';
import { buildImage } from '../../local/images/image';
import { APPLICATION, HARDENED, historyOf, supportedOs } from '../../local/images/zoo/ingredients';
import { importerLines, Importers, IMPORTERS_KEY } from '../../src/core/sharing/importers';
import { ROOT } from '../docs/markdown';
import { addArmReader } from '../newcomer/arm-reader';
import { installNode, namedNodes } from '../newcomer/node-versions';
import { pythonWithPackage } from '../newcomer/python';
import { packInto } from '../support/packed';

onlyEmulated('it needs two more accounts, and the examples name their stacks and repositories themselves');

/** The account that the platform's team lists, and one that it does not list. */
const [LISTED, STRANGER] = ['222222222222', '933333333333'];
const REGION = 'eu-west-1';

/** Outside of the repository: nothing there finds its modules. */
let home: string;
let environment: Record<string, string>;

beforeAll(async () => {
  await quickstart(); // for the databases of Trivy, which it serves
  home = mkdtempSync(join(tmpdir(), 'packed-'));
  const python = await pythonWithPackage(join(home, 'wheel'));
  const node = installNode(namedNodes().oldest, join(home, 'node'));
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

test('a platform from the tarball, a team in its account, and a team in Python from the wheel in another account and region: good images are deployed, bad and revoked ones refused, before and after a change of the key', async () => {
  await installTarball();
  const [platform, web, jobs] = ['platform', 'team-typescript', 'team-python'].map(
    name => new Example(name),
  ) as [Example, Example, Example];
  // the stranger may pull, so that only the trust refuses it
  platform.edit('app.ts', [
    "jobs = trust.addRepository('Jobs', { repositoryName: 'teams/jobs' });",
    `jobs = trust.addRepository('Jobs', { repositoryName: 'teams/jobs' });
jobs.repository.grantPull(new AccountPrincipal('${STRANGER}'));`,
  ]);
  await platform.deploy('Platform');
  const outputs = await outputsOf('Platform');
  const register = outputs.TrustedImagesRegisterTableArn!.split('/').at(-1)!;
  const copyOutputs = async () => {
    const { Stacks } = await cloud().cloudformation.describeStacks({ StackName: 'Platform' });
    jobs.write('platform.json', JSON.stringify(Stacks![0]!.Outputs));
  };
  await copyOutputs();
  const listed = await account(LISTED!);

  const running = await push('teams/web', await release(1), 'v1');
  const firstJob = await push('teams/jobs', await release(1), 'v1');
  await web.deploy('TeamWeb', 'v1');
  expect(await imageOfFunction('TeamWeb')).toMatch(new RegExp(`/teams/web@${running}$`));
  await jobs.deploy('TeamJobs', 'v1', listed);

  for (const repository of ['teams/web', 'teams/jobs']) await push(repository, 'fixable-critical', 'bad');
  for (const refused of [
    await refusalOf(web.deploy('TeamWeb', 'bad')),
    await refusalOf(jobs.deploy('TeamJobs', 'bad', listed)),
  ]) {
    expect(refused).toContain('is refused: it does not pass policy');
    expect(refused).toContain('upgrade minimist to 0.2.4');
  }
  expect(await imageOfFunction('TeamWeb')).toMatch(new RegExp(`/teams/web@${running}$`));

  const denied = await refusalOf(jobs.deploy('TeamJobs', 'v1', await account(STRANGER!)));
  expect(denied).toContain('is refused: it could not be looked up (AccessDenied');
  expect(denied).toContain(`importers: [Importer.account('${STRANGER}')]`);

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
  for (const repository of ['teams/web', 'teams/jobs']) await push(repository, await release(2), 'v2');
  await web.deploy('TeamWeb', 'v2'); // nobody told its team
  // where an app names keys, its team has to name the new one
  expect(await refusalOf(jobs.deploy('TeamJobs', 'v2', listed))).toContain(
    'its statement is not signed by a pinned key',
  );
  await copyOutputs();
  await jobs.deploy('TeamJobs', 'v2', listed);

  platform.edit(
    'app.ts',
    ['Importer,', 'Importer, PolicyRule,'],
    ['ImagePolicy.standard()', "ImagePolicy.standard().plus(PolicyRule.requiredLabels(['owner']))"],
  );
  await platform.deploy('Platform');
  await eventually(
    'both images are revoked',
    async () =>
      (await isRevoked(register, 'teams/web', running)) &&
      (await isRevoked(register, 'teams/jobs', firstJob)),
  );
  for (const refused of [
    await refusalOf(web.deploy('TeamWeb', 'v1')),
    await refusalOf(jobs.deploy('TeamJobs', 'v1', listed)),
  ]) {
    expect(refused).toContain('it was trusted, and a later verdict refused it');
  }

  await jobs.run(['destroy', 'TeamJobs', '--force'], listed);
  await eventually('the trust forgets TeamJobs', async () =>
    (await importersOf(register)).length === 1 ? true : undefined,
  );
  await expect(platform.run(['destroy', 'Platform', '--force'])).rejects.toThrow('DELETE_FAILED');
  const { reason, resource } = await refusedDeletion('Platform');
  expect(reason).toContain(`TeamWeb in ${cloud().account}.${cloud().region}, deployed last on `);
  expect(reason).not.toContain('TeamJobs');
  const wayPast = `aws cloudformation delete-stack --stack-name Platform --retain-resources ${resource}`;
  expect(reason).toContain(wayPast);

  await web.run(['destroy', 'TeamWeb', '--force']);
  await cloud().cloudformation.deleteStack({ StackName: 'Platform', RetainResources: [resource] });
  await eventually('the stack is deleted', async () => {
    const { Stacks = [] } = await cloud().cloudformation.describeStacks({});
    return Stacks.every(({ StackName }) => StackName !== 'Platform') ? true : undefined;
  });
});

/** The stacks that a trust knows as its importers. */
async function importersOf(TableName: string): Promise<string[]> {
  const { Item } = await documents().get({ TableName, Key: { pk: IMPORTERS_KEY }, ConsistentRead: true });
  return importerLines(Importers.parse(Item));
}

/** The resource that failed to be deleted, and why. */
async function refusedDeletion(StackName: string): Promise<{ reason: string; resource: string }> {
  const { StackEvents = [] } = await cloud().cloudformation.describeStackEvents({ StackName });
  const failed = StackEvents.find(
    ({ ResourceStatus, ResourceType }) =>
      ResourceStatus === 'DELETE_FAILED' && ResourceType === 'Custom::TrustedImagesImporters',
  )!;
  return { reason: failed.ResourceStatusReason!, resource: failed.LogicalResourceId! };
}

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

/** Another account, in another region than the trust. */
async function account(id: string): Promise<CloudDescription> {
  const { accessKeyId, secretAccessKey } = (await emulator().admin('accounts', {
    account: id,
    region: REGION,
  })) as Credentials;
  const description = {
    ...cloud(),
    account: id,
    region: REGION,
    credentials: { accessKeyId, secretAccessKey },
  };
  await bootstrap(description);
  return description;
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
