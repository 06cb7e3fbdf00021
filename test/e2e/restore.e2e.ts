import { cloud } from './cloud';
import { CommandLine } from './command-line';
import { eventually, uniqueName } from './eventually';
import { onlyEmulated } from './only-emulated';
import { buildsOf, documents, makeRepository, nameOf, push, quickstart, rowOnce } from './quickstart';
import { STACK } from '../../local/quickstart';

onlyEmulated('on AWS nobody may write to a register, and a restore takes its time');

let table: string;
let restored: string;
let cli: CommandLine;

beforeAll(async () => {
  table = (await quickstart()).RegisterTableName;
  restored = uniqueName('restored');
  cli = new CommandLine();
});

afterAll(async () => {
  cli.close();
  await cloud().dynamodb.deleteTable({ TableName: restored });
});

test('a row of the register that is lost is copied back from a restored table: the image is trusted again, without a scan', async () => {
  const repository = await makeRepository();
  const digest = await push(repository, 'clean');
  await rowOnce(
    repository,
    digest,
    ({ statement, signature }) => statement !== undefined && signature !== undefined,
  );
  const row = { TableName: table, Key: { pk: nameOf(repository, digest) } };
  const { Item: before } = await documents().get({ ...row, ConsistentRead: true });

  // the steps of docs/operations.md
  await cloud().dynamodb.restoreTableToPointInTime({
    SourceTableName: table,
    TargetTableName: restored,
    UseLatestRestorableTime: true,
  });
  await eventually('the restored table', async () => {
    const { Table } = await cloud().dynamodb.describeTable({ TableName: restored });
    return Table!.TableStatus === 'ACTIVE' || undefined;
  });
  expect(await shapeOf(restored)).toEqual(await shapeOf(table));

  await documents().delete(row);
  expect((await verify(repository, digest)).code).toBe(2);

  const { Item: saved } = await documents().get({ ...row, TableName: restored, ConsistentRead: true });
  expect(saved).toEqual(before);
  const copyBack = () =>
    documents().put({
      TableName: table,
      Item: saved,
      ConditionExpression: 'attribute_not_exists(pk)',
    });
  await copyBack();
  expect(await verify(repository, digest)).toMatchObject({
    code: 0,
    out: expect.stringContaining('is trusted until'),
  });
  expect(await buildsOf(repository, digest)).toBe(1);
  // and what is there is not replaced
  await expect(copyBack()).rejects.toThrow(/conditional/i);
});

/** What functions and queries need of a table, beside its rows. */
async function shapeOf(TableName: string): Promise<object> {
  const { Table } = await cloud().dynamodb.describeTable({ TableName });
  const { KeySchema, GlobalSecondaryIndexes = [] } = Table!;
  return {
    KeySchema,
    indexes: GlobalSecondaryIndexes.map(({ IndexName, KeySchema: keys }) => [IndexName, keys]).sort(),
  };
}

function verify(repository: string, digest: string): ReturnType<CommandLine['run']> {
  const { account, region } = cloud();
  const reference = `${account}.dkr.ecr.${region}.amazonaws.com/${repository}@${digest}`;
  return cli.run(['verify', reference], { TRUSTED_IMAGES_STACK: STACK });
}
