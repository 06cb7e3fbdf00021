import { join } from 'node:path';
import { cloud } from './cloud';
import { eventually } from './eventually';
import { onlyEmulated } from './only-emulated';
import { documents, nameOf, push, quickstart } from './quickstart';
import { cdk } from '../../local/cloud/cdk';
import { followTrust } from '../../local/demo/follow';
import { RegisterRow } from '../../src/core/register/row';

onlyEmulated('it leaves keys and aliases of fixed names');

const REPOSITORY = 'import/app';
/** Its image is judged after the change of the key. */
const NEW = 'import/new';
const PLATFORM = 'ImportPlatform';

/** How the platform's team deploys its app: which key signs, which one gates still believe, which label images need. */
interface Platform {
  readonly year: number;
  readonly former?: string;
  readonly label?: string;
}

const platform = ({ year, former, label }: Platform, command = 'deploy') =>
  cdk(cloud(), [command, ...(command === 'deploy' ? ['--require-approval=never'] : ['--force'])], {
    cwd: join(__dirname, 'apps', 'import-platform'),
    environment: {
      YEAR: String(year),
      ...(former !== undefined && { FORMER: former }),
      ...(label !== undefined && { LABEL: label }),
    },
  });
const team = (environment: Record<string, string>, command = 'deploy') =>
  cdk(
    cloud(),
    [command, 'Production/**', ...(command === 'deploy' ? ['--require-approval=never'] : ['--force'])],
    { cwd: join(__dirname, 'apps', 'import-team'), environment },
  );
const byStack = (TAG: string, more = {}) => team({ BY: 'stack', TAG, ...more });
const byParameters = (TAG: string, keys: string[], from = REPOSITORY) =>
  team({ BY: 'parameters', TAG, KEYS: keys.join(','), REPOSITORY: from });

const keyOf = async (year: number) =>
  (await cloud().kms.describeKey({ KeyId: `alias/import-${year}` })).KeyMetadata!.Arn!;

beforeAll(quickstart); // for the databases of Trivy, which it serves

test('a team imports the trust of another app and stage: good images are deployed, bad and revoked ones are not, before and after a change of the key', async () => {
  for (const repositoryName of [REPOSITORY, NEW, 'elsewhere/app']) await cloud().ecr.createRepository({ repositoryName });
  await platform({ year: 2026 });
  const register = await output(PLATFORM, 'Register');
  const former = await keyOf(2026);
  const first = await push(REPOSITORY, 'clean', 'v1');
  await followTrust(cloud(), register, REPOSITORY, first);

  await byStack('v1');
  expect(await output('ImportTeam-stack', 'ImageUri')).toContain(first);
  await byParameters('v1', [former]);

  await push(REPOSITORY, 'fixable-critical', 'bad');
  for (const refused of [await refusalOf(byStack('bad')), await refusalOf(byParameters('bad', [former]))]) {
    expect(refused).toContain('is refused: it does not pass policy');
    expect(refused).toContain('upgrade minimist to 0.2.4');
  }
  expect(await output('ImportTeam-stack', 'ImageUri')).toContain(first);

  await push('elsewhere/app', 'clean', 'v1');
  expect(await refusalOf(byStack('v1', { REPOSITORY: 'elsewhere/app' }))).toContain(
    'the repository "elsewhere/app" is not enrolled in the trust',
  );

  // the platform's team replaces the key, and nobody tells the other team
  await platform({ year: 2027, former });
  const present = await keyOf(2027);
  await platform({ year: 2027 });
  await push(NEW, 'clean', 'v2');
  await byStack('v2', { REPOSITORY: NEW });
  // where keys are named in the app, its team has to name the new one
  const withFormerOnly = await refusalOf(byParameters('v2', [former], NEW));
  expect(withFormerOnly).toContain('its statement is not signed by a pinned key');
  await byParameters('v2', [present, former], NEW);

  await platform({ year: 2027, label: 'owner' });
  await eventually('the image is revoked', async () =>
    (await row(register, first)).verdict?.outcome === 'FAIL' ? true : undefined,
  );
  expect(await refusalOf(byStack('v1'))).toContain('it was trusted, and a later verdict refused it');

  for (const BY of ['stack', 'parameters']) await team({ BY, TAG: 'v2', KEYS: present }, 'destroy');
  await platform({ year: 2027, label: 'owner' }, 'destroy');
});

async function refusalOf(deployment: Promise<string>): Promise<string> {
  const said = await deployment.then(
    () => 'deployed',
    (error: Error) => error.message,
  );
  return said.replace(/\s+/g, ' ');
}

async function output(stack: string, name: string): Promise<string> {
  const { Stacks } = await cloud().cloudformation.describeStacks({ StackName: stack });
  return Stacks![0]!.Outputs!.find(({ OutputKey }) => OutputKey === name)!.OutputValue!;
}

async function row(TableName: string, digest: string): Promise<RegisterRow> {
  const { Item } = await documents().get({
    TableName,
    Key: { pk: nameOf(REPOSITORY, digest) },
    ConsistentRead: true,
  });
  return RegisterRow.parse(Item);
}
