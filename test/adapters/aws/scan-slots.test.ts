import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ScanSlotsRow } from '../../../adapters/aws/scan-slots';
import { requestFor } from '../../../src/core/scanning/scan-request';
import { DIGEST, IMAGE, minutes, NOW, scanId } from '../../core/support/made';

const LIMITS = { scans: 2, perRepository: 2 };

/** One row of a table, as the document client sees it. Others may write between a read and a write. */
class Table {
  public item: any;
  public reads = 0;
  public writes = 0;
  public between?: () => Promise<unknown>;

  public readonly client = {
    config: {},
    send: async ({ constructor: { name }, input }: any) => {
      if (name === 'GetCommand') {
        expect(input).toMatchObject({ TableName: 'register', Key: { pk: 'SCANS' }, ConsistentRead: true });
        this.reads += 1;
        const answer = { Item: structuredClone(this.item) };
        const { between } = this;
        this.between = undefined;
        await between?.();
        return answer;
      }
      const expected = this.item === undefined ? 'attribute_not_exists(pk)' : 'rowVersion = :seen';
      const isSame =
        input.ConditionExpression === expected &&
        input.ExpressionAttributeValues?.[':seen'] === this.item?.rowVersion;
      if (!isSame) throw new ConditionalCheckFailedException({ message: 'changed', $metadata: {} });
      this.writes += 1;
      this.item = structuredClone(input.Item);
      return {};
    },
  };
}

jest.mock('@aws-sdk/lib-dynamodb', () => ({
  ...jest.requireActual('@aws-sdk/lib-dynamodb'),
  DynamoDBDocumentClient: { from: (client: unknown) => client },
}));

let table: Table;
let row: ScanSlotsRow;

beforeEach(() => {
  table = new Table();
  row = new ScanSlotsRow('register', LIMITS, table.client as unknown as DynamoDBClient);
});

function wanted(number: number, reason: 'push' | 'enrolment' = 'push') {
  const image = IMAGE.replace('app', `app-${number}`);
  return { request: requestFor(image, DIGEST, reason, NOW), scanId: scanId(number), waitSeconds: 5 };
}

test('a slot is taken, kept and released, with one write each', async () => {
  expect(await row.take(wanted(1), NOW)).toBeUndefined();
  expect(table.item).toMatchObject({ pk: 'SCANS', rowVersion: 1, limits: LIMITS });
  await row.keep(wanted(1), minutes(50).toISOString(), NOW);
  expect(table.item.scans[scanId(1)].until).toBe(minutes(50).toISOString());
  expect(await row.release(scanId(1), false, NOW)).toEqual([]);
  expect(table.item).toMatchObject({ rowVersion: 3, scans: {} });
  expect(table.writes).toBe(3);
});

test('the loser of a race sees what the winner wrote: the last slot is taken once', async () => {
  await row.take(wanted(1), NOW);
  table.between = () => row.take(wanted(2), NOW);
  expect(await row.take(wanted(3), NOW)).toBe('2 of 2 scans are under way; before it in line: 0');
  expect(Object.keys(table.item.scans)).toEqual([scanId(1), scanId(2)]);
});

test('what changes nothing is not written: thousands of old images that wait', async () => {
  await row.take(wanted(1, 'enrolment'), NOW);
  const { writes } = table;
  for (let number = 2; number < 10; number++) {
    expect(await row.take(wanted(number, 'enrolment'), NOW)).toBe(
      '1 of 2 scans are under way; before it in line: 0',
    );
  }
  expect(table.writes).toBe(writes);
});

test('who ends a scan needs no limits of its own to know whose turn it is', async () => {
  for (const number of [1, 2, 3]) await row.take(wanted(number), NOW);
  const evaluator = new ScanSlotsRow('register', undefined, table.client as unknown as DynamoDBClient);
  expect(await evaluator.release(scanId(1), false, NOW)).toEqual([wanted(3).request]);
  expect(table.item.limits).toEqual(LIMITS);
});

test('a build that CodeBuild refused frees its slot, and fewer are started', async () => {
  for (const number of [1, 2]) await row.take(wanted(number), NOW);
  await row.refuse(wanted(2), NOW);
  expect(table.item.measured).toEqual({ builds: 1, at: NOW.toISOString() });
  expect(await row.take(wanted(3), NOW)).toBe('1 of 1 scans are under way; before it in line: 1');
});

test('a row that others change all the time is an error, and the message comes back', async () => {
  const change = async () => {
    table.item = { ...table.item, rowVersion: table.item.rowVersion + 1 };
    table.between = change;
  };
  await row.take(wanted(1), NOW);
  table.between = change;
  await expect(row.take(wanted(2), NOW)).rejects.toThrow(
    'the row SCANS of the register was changed by others 20 times in a row',
  );
});

test('a row of another version of the library stops no scan', async () => {
  table.item = { pk: 'SCANS', rowVersion: 7, limits: 'two' };
  expect(await row.take(wanted(1), NOW)).toBeUndefined();
  expect(table.item).toMatchObject({ rowVersion: 8, limits: LIMITS });
});
