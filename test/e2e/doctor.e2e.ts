import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloud } from './cloud';
import { CommandLine, credentialsWith } from './command-line';
import { eventually, uniqueName } from './eventually';
import { documents, nameOf, push } from './quickstart';
import { bootstrap, cdk } from '../../local/cloud/cdk';
import { startCloud, type Cloud } from '../../local/cloud/cloud';
import { cloudEnvironment, describeCloud } from '../../local/cloud/description';
import type { ZooName } from '../../local/images/zoo/zoo';
import { serveDatabases } from '../../local/quickstart';
import { ensureTrivy } from '../../local/tools/trivy';
import type { Line } from '../../src/core/doctor/line';
import { RegisterRow } from '../../src/core/register/row';
import { BUNDLE } from '../../src/core/signing/bundle';
import { runCli } from '../cli/run-cli';
import { blocksOf, page } from '../docs/markdown';

/*
 * A cloud of its own: other tests leave dead letters and images without a verdict behind, and this one breaks
 * what they use. Each test repairs what it breaks.
 */

const STACK = 'Doctor';
const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
let own: Cloud;
let cli: CommandLine;
let trusted: { repository: string; digest: string };

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  own = await startCloud({
    trivy: process.env.LOCAL_TRIVY ?? (await ensureTrivy(() => undefined)),
    lambdaConcurrency: 100,
    logFile: join(folder, 'cloud.log'),
  });
  process.env.EMBEDDED_CLOUD = JSON.stringify(describeCloud(own));
  await serveDatabases(own);
  await bootstrap(own);
  await cdk(own, ['deploy', '--require-approval=never'], { cwd: join(__dirname, 'apps', 'doctor') });
  cli = new CommandLine();
  trusted = await pushed('clean');
  await rowOnce(trusted, ({ signature, statement }) => signature !== undefined && statement !== undefined);
});

afterAll(async () => {
  cli.close();
  await own.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Examined {
  readonly code: number;
  readonly lines: readonly Line[];
}

async function doctor(changes: Record<string, string | undefined> = {}): Promise<Examined> {
  const ended = await cli.run(['doctor', '--json'], { TRUSTED_IMAGES_STACK: STACK, ...changes });
  if (ended.err !== '') throw new Error(`exit code ${ended.code}: ${ended.err}`);
  return { code: ended.code, lines: JSON.parse(ended.out) as Line[] };
}

function bad({ code, lines }: Examined): object {
  return { code, bad: lines.filter(({ state }) => state !== 'ok') };
}
const healthy = { code: 0, bad: [] };
const faulty = (...lines: readonly Partial<Line>[]) => ({
  code: 1,
  bad: lines.map(line => expect.objectContaining({ state: 'found', remedy: expect.any(String), ...line })),
});

async function pushed(image: ZooName): Promise<{ repository: string; digest: string }> {
  const repository = `team/${uniqueName('app')}`;
  await cloud().ecr.createRepository({ repositoryName: repository });
  return { repository, digest: await push(repository, image, 'v1') };
}

async function rowOnce(
  { repository, digest }: { repository: string; digest: string },
  condition: (row: RegisterRow) => boolean,
): Promise<RegisterRow> {
  const TableName = await output('RegisterTableName');
  return eventually(`the row of ${repository}@${digest}`, async () => {
    const Key = { pk: nameOf(repository, digest) };
    const { Item } = await documents().get({ TableName, Key, ConsistentRead: true });
    const row = Item === undefined ? undefined : RegisterRow.parse(Item);
    return row !== undefined && condition(row) ? row : undefined;
  });
}

async function output(name: string): Promise<string> {
  const { Stacks } = await cloud().cloudformation.describeStacks({ StackName: STACK });
  return Stacks![0]!.Outputs!.find(({ OutputKey }) => OutputKey === name)!.OutputValue!;
}

/** The physical id of a resource, by the beginning of its logical id. */
async function resource(type: string, logicalId: string): Promise<string> {
  const { StackResourceSummaries: all = [] } = await cloud().cloudformation.listStackResources({
    StackName: STACK,
  });
  return all.find(
    ({ ResourceType, LogicalResourceId }) =>
      ResourceType === type && new RegExp(`^${logicalId}[0-9A-F]{8}$`).test(LogicalResourceId!),
  )!.PhysicalResourceId!;
}

test('a healthy stack: nothing is found', async () => {
  expect(bad(await doctor())).toEqual(healthy);
  const ended = await cli.run(['doctor'], { TRUSTED_IMAGES_STACK: STACK });
  expect(ended).toMatchObject({ code: 0, err: '' });
  expect(ended.out).toMatch(/^STATE +CHECK +LIMIT +VALUE\nok +builds at once +at least 1; [^\n]+ {2}2 by the quota/);
  console.log(ended.out);
});
