import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ImportersRow } from '../../../adapters/aws/importers-row';
import { NO_IMPORTERS } from '../../../src/core/sharing/importers';

/** The one row, as the document client sees it. Races are a matter of scan-slots.test.ts. */
let item: Record<string, unknown> | undefined;
const client = {
  config: {},
  send: async ({ constructor: { name }, input }: any) => {
    if (name === 'GetCommand') {
      expect(input).toMatchObject({ TableName: 'register', Key: { pk: 'IMPORTERS' }, ConsistentRead: true });
      return { Item: item };
    }
    item = structuredClone(input.Item);
    return {};
  },
};
jest.mock('@aws-sdk/lib-dynamodb', () => ({
  ...jest.requireActual('@aws-sdk/lib-dynamodb'),
  DynamoDBDocumentClient: { from: (given: unknown) => given },
}));

const importer =
  'arn:aws:cloudformation:eu-west-1:222222222222:stack/Web/6f1c7a10-0000-11f1-8000-0a1b2c3d4e5f';
const AT = new Date('2026-11-26T12:00:00Z');
let row: ImportersRow;

beforeEach(() => {
  item = undefined;
  row = new ImportersRow('register', client as unknown as DynamoDBClient);
});

test('a stack is in the row from its first note to its last', async () => {
  expect(await row.load()).toEqual(NO_IMPORTERS);
  await row.note({ version: 1, importer }, AT);
  expect(item).toEqual({ pk: 'IMPORTERS', rowVersion: 1, stacks: { [importer]: AT.toISOString() } });
  expect(await row.load()).toEqual({ stacks: { [importer]: AT.toISOString() } });
  await row.note({ version: 1, importer, isGone: true }, new Date(AT.getTime() + 1));
  expect(await row.load()).toEqual(NO_IMPORTERS);
});

test('a row that cannot be read does not say that nobody imports the trust (rule 5.7, fail closed)', async () => {
  item = { pk: 'IMPORTERS', rowVersion: 1, stacks: 'many' };
  await expect(row.load()).rejects.toThrow();
});
