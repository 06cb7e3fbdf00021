import { cloud } from './cloud';
import { deploy as update, templateWithTag } from './cloud-fixtures';
import { CommandLine } from './command-line';
import { formerRelease } from './former-release/former-release';
import { GatedStacks, type Part } from './gated-stacks';
import { onlyEmulated } from './only-emulated';
import { buildsOf, documents, push, quickstart } from './quickstart';
import { referenceTo, Revocations, Service } from './revocation-fixtures';
import { waiverFile } from './waiver-file';
import { sessionOf } from '../../local/cloud/assume-role';
import { cdk } from '../../local/cloud/cdk';
import type { RegisterRow } from '../../src/core/register/row';
import { addDays, dayOf } from '../../src/core/waivers/life';

onlyEmulated('it deploys an app of a former release, with deployments that fail in between');

const app = new GatedStacks('Former');
const [SHOP, BILLING] = [app.repository('Shop'), app.repository('Billing')];
const FILE = 'waivers.yaml';

let former: ReturnType<typeof formerRelease>;

beforeAll(async () => {
  await quickstart(); // for the databases of Trivy, which it serves
  former = formerRelease();
});
afterAll(() => {
  former?.remove();
  app.remove();
});

test('a trust and its gates move from the former release: nothing is lost, scanned again or stuck', async () => {
  for (const repositoryName of [SHOP, BILLING]) await cloud().ecr.createRepository({ repositoryName });
  await GatedStacks.makeTakenBus();
  await deployFormer('Platform');
  const trust = await Revocations.of(app.stack('Platform'));

  // what is there: an image that is waived, one that passes, and one that only a grant admits
  await putWaivers(trust, waiverFile(SHOP, addDays(dayOf(new Date()), 2)));
  const waived = { repository: SHOP, digest: await push(SHOP, 'fixable-critical', 'v1') };
  const passed = { repository: BILLING, digest: await push(BILLING, 'clean', 'v1') };
  const granted = { repository: SHOP, digest: await push(SHOP, 'root', 'granted') };
  const isSigned = ({ verdict, statement }: RegisterRow) =>
    verdict?.outcome === 'PASS' && statement?.verdictId === verdict.verdictId;
  await Promise.all([trust.rowOnce(waived, isSigned), trust.rowOnce(passed, isSigned)]);
  expect((await trust.rowOnce(granted, ({ verdict }) => verdict !== undefined)).verdict!.outcome).toBe(
    'FAIL',
  );
  await deployFormer('Shop');
  await deployFormer('Billing');
  const service = await Service.of(granted);
  await grant(granted, service);
  const isAdmitted = async () => service.isAdmittedBy(await Revocations.of(app.stack('Shop')), 'Ecs');
  expect(await isAdmitted()).toBe(true);
  const before = await kept(trust);
  const uris = [await app.output('Shop', 'ImageUri'), await app.output('Billing', 'ImageUri')];
  expect(uris).toEqual([
    expect.stringContaining(waived.digest) as string,
    expect.stringContaining(passed.digest) as string,
  ]);

  const nothingIsLost = async () => {
    const now = await kept(await Revocations.of(app.stack('Platform')));
    expect(now.images).toEqual(before.images);
    expect(now.findings).toEqual(before.findings);
    expect(now.evidence).toEqual(expect.arrayContaining(before.evidence));
    expect(await isAdmitted()).toBe(true);
    for (const image of [waived, passed, granted]) {
      expect(await buildsOf(image.repository, image.digest)).toBe(1);
    }
  };

  // as the app is where nobody asks for break-glass, of which the other stacks import four values
  await app.failToDeploy('Platform', { nobodyGrants: true });
  await nothingIsLost();
  await app.deploy('Platform', { nobodyGrants: true });
  await nothingIsLost();
  await app.failToDeploy('Platform');
  await app.deploy('Platform');
  await nothingIsLost();

  // the stacks that are not updated meanwhile deploy what passes, and no more
  await push(BILLING, 'clean', 'v2');
  await update(await templateWithTag(app.stack('Billing'), 'v2'), app.stack('Billing'));
  await expect(
    update(await templateWithTag(app.stack('Shop'), 'granted'), app.stack('Shop')),
  ).rejects.toThrow(/refused/);

  // revoked since it was deployed: the stack moves over with it all the same
  await putWaivers(await Revocations.of(app.stack('Platform')), 'version: 1\nwaivers: []\n');
  await trust.rowOnce(waived, ({ revokedBy }) => revokedBy !== undefined);
  await app.failToDeploy('Shop');
  expect(await app.output('Shop', 'ImageUri')).toBe(uris[0]);
  await app.deploy('Shop');
  expect(await app.output('Shop', 'ImageUri')).toBe(uris[0]);
  expect(await isAdmitted()).toBe(true);

  // one stack has moved, and one has not
  await expect(app.destroy('Platform')).rejects.toThrow();
  await app.destroy('Shop');
  await app.failToDeploy('Billing');
  await app.deploy('Billing');
  await expect(app.destroy('Platform')).rejects.toThrow();
  await app.destroy('Billing');
  await app.destroy('Platform');
  const { TableNames = [] } = await cloud().dynamodb.listTables({});
  expect(TableNames.filter(name => name.startsWith('Former'))).toEqual([]);
});

async function deployFormer(part: Part): Promise<void> {
  const args = [
    'deploy',
    app.stack(part),
    '--exclusively',
    '--require-approval=never',
    '--app',
    former.folder,
  ];
  await cdk(cloud(), args, { cwd: former.folder });
}

async function putWaivers(trust: Revocations, Body: string): Promise<void> {
  const Bucket = trust.physical('AWS::S3::Bucket', 'TrustWaivers');
  await cloud().s3.putObject({ Bucket, Key: FILE, Body });
}

/** By the command line, as who may. */
async function grant(image: { repository: string; digest: string }, service: Service): Promise<void> {
  const cli = new CommandLine();
  try {
    const session = await sessionOf(
      cloud(),
      cloud(),
      await app.physical('Platform', 'AWS::IAM::Role', 'OnCall'),
    );
    const scope = ['--image', referenceTo(image), '--scope', service.arn];
    const why = ['--for', '2h', '--because', 'the shop is down for everybody', '--ticket', 'INC-1'];
    const answer = await cli.run(['break-glass', 'grant', ...scope, ...why], {
      TRUSTED_IMAGES_STACK: app.stack('Platform'),
      AWS_ACCESS_KEY_ID: session.accessKeyId,
      AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
      AWS_SESSION_TOKEN: session.sessionToken!,
    });
    expect(answer).toMatchObject({ code: 0, err: '' });
  } finally {
    cli.close();
  }
}

/** What an upgrade must leave as it is. */
async function kept(trust: Revocations) {
  const scan = async (id: string) =>
    (await documents().scan({ TableName: trust.physical('AWS::DynamoDB::GlobalTable', id) })).Items ?? [];
  const rows = (await scan('TrustRegister')) as unknown as (RegisterRow & { pk: string })[];
  const Bucket = trust.physical('AWS::S3::Bucket', 'TrustEvidence');
  const { Contents = [] } = await cloud().s3.listObjectsV2({ Bucket });
  return {
    images: rows
      .filter(({ pk, verdict }) => pk.includes('/') && verdict !== undefined)
      .map(({ pk, verdict, statement, revokedBy }) => ({
        pk,
        outcome: verdict!.outcome,
        scanId: verdict!.scanId,
        isSigned: statement !== undefined,
        revokedBy,
      }))
      .sort((one, other) => one.pk.localeCompare(other.pk)),
    findings: (await scan('TrustFindings')).length,
    evidence: Contents.map(({ Key }) => Key!),
  };
}
