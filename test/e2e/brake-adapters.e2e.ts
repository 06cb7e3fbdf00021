import { cloud } from './cloud';
import { uniqueName } from './eventually';
import { onlyEmulated } from './only-emulated';
import { documents } from './quickstart';
import { PassedImagesRow, RevocationBrakeRow } from '../../adapters/aws/revocation-brake';
import { BRAKE_KEY, NO_BRAKE, NONE_PASSED, PASSED_KEY } from '../../src/core/register/revocation-brake';

onlyEmulated('tables of the test stay until the cloud ends');

const NOW = new Date('2026-11-26T10:00:00.000Z');
const ID = (at: number) => `01M8AWZ5C8B3D6F9G2J4M7P${String(at).padStart(3, '0')}`;
const PASSED = { repositories: { r: { images: 10, at: NOW.toISOString() } } };
const QUESTION = { repository: 'held', percent: 20, passed: PASSED };

let table: string;
let brake: RevocationBrakeRow;

beforeEach(async () => {
  table = uniqueName('table');
  await cloud().dynamodb.createTable({
    TableName: table,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  });
  brake = new RevocationBrakeRow(table, cloud().dynamodb);
});

/** Five failures of two repositories: enough to hold what is in a third. */
async function fail(): Promise<void> {
  for (const [at, repository] of ['a', 'a', 'a', 'b', 'b'].entries()) {
    await brake.count({ repository, verdictId: ID(at) }, NOW);
  }
}

const put = (pk: string, row: object) => documents().put({ TableName: table, Item: { pk, ...row } });

describe('rule 5.13, the brake: its row', () => {
  test('counts each failure of several evaluators that write at once', async () => {
    const failures = Array.from({ length: 4 }, (_, at) => ({ repository: `r${at % 2}`, verdictId: ID(at) }));
    await Promise.all(
      failures.map(failed => new RevocationBrakeRow(table, cloud().dynamodb).count(failed, NOW)),
    );
    expect((await brake.load()).failed).toEqual({ r0: 2, r1: 2 });
  });

  test('is pulled once by several that ask at once, and released once', async () => {
    await fail();
    const asked = await Promise.all([brake.ask(QUESTION, NOW), brake.ask(QUESTION, NOW)]);
    expect(asked[0]).toMatchObject({ at: NOW.toISOString() });
    expect(asked[1]).toEqual(asked[0]);
    expect(await brake.pulled(NOW)).toEqual(asked[0]);
    const by = { releasedBy: 'somebody', justification: 'meant', ticket: 'INC-1' };
    const released = await Promise.all(
      [1, 2].map(async at => brake.release({ ...by, releaseId: ID(at) }, NOW)),
    );
    expect(released.filter(each => each !== undefined)).toHaveLength(1);
    expect(await brake.pulled(NOW)).toBeUndefined();
  });

  test.each<[string, object]>([
    ['is not there', {}],
    ['is of another form', { rowVersion: 7, failed: 'many', counted: [], pulled: { at: 'now' } }],
  ])('that %s holds nothing, and counts from there on', async (_, row) => {
    if (Object.keys(row).length > 0) await put(BRAKE_KEY, row);
    expect(await brake.load()).toEqual(NO_BRAKE);
    expect(await brake.pulled(NOW)).toBeUndefined();
    expect(await brake.ask(QUESTION, NOW)).toBeUndefined();
    await fail();
    expect(await brake.ask(QUESTION, NOW)).toBeDefined();
  });

  test('without the version that each write raises is an error to whoever changes it: nobody overwrites it', async () => {
    await put(BRAKE_KEY, { failed: { a: 9 }, counted: [] });
    await expect(brake.ask(QUESTION, NOW)).resolves.toBeUndefined();
    await expect(brake.count({ repository: 'a', verdictId: ID(1) }, NOW)).rejects.toThrow(
      /the row BRAKE of the register was changed by others/,
    );
  });

  test('of images that pass is read from the table, and one that cannot be read is none', async () => {
    const passed = new PassedImagesRow(table, cloud().dynamodb);
    await passed.count({ repository: 'r', images: 10 }, NOW);
    expect(await passed.load()).toEqual(PASSED);
    await put(PASSED_KEY, { rowVersion: 2, repositories: 10 });
    expect(await passed.load()).toEqual(NONE_PASSED);
  });
});
