import { cloud } from './cloud';
import { uniqueName } from './eventually';
import { onlyEmulated } from './only-emulated';
import { documents } from './quickstart';
import { PolicyTable } from '../../adapters/aws/policy-table';
import { S3File } from '../../adapters/aws/s3-file';
import { WaiversInRegister } from '../../adapters/aws/used-waivers';

onlyEmulated('tables and buckets of the test stay until the cloud ends');

async function makeTable(key: string): Promise<string> {
  const TableName = uniqueName('table');
  await cloud().dynamodb.createTable({
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: key, KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: key, AttributeType: 'S' }],
  });
  return TableName;
}

describe('which waivers are active', () => {
  let pointer: PolicyTable;
  let policies: PolicyTable;

  beforeEach(async () => {
    const table = await makeTable('policy');
    pointer = new PolicyTable(table, 'waivers', cloud().dynamodb);
    policies = new PolicyTable(table, 'current', cloud().dynamodb);
  });

  test('of many that move the pointer at once, from nothing and from something, one does', async () => {
    for (const revision of [1, 2]) {
      const seen = await pointer.current();
      const moved = await Promise.all(
        Array.from({ length: 8 }, (_, at) =>
          pointer.replace(seen, { sha256: `sha-${revision}-${at}`, versionId: `version-${at}` }),
        ),
      );
      expect(moved.filter(each => each !== undefined)).toEqual([revision]);
      const winner = moved.indexOf(revision);
      expect(await pointer.current()).toEqual({
        revision,
        sha256: `sha-${revision}-${winner}`,
        versionId: `version-${winner}`,
      });
    }
  });

  test('who saw what is no longer there moves nothing', async () => {
    await pointer.replace(undefined, { sha256: 'a' });
    const seen = await pointer.current();
    await pointer.replace(seen, { sha256: 'b' });
    expect(await pointer.replace(seen, { sha256: 'c' })).toBeUndefined();
    expect(await pointer.replace(undefined, { sha256: 'c' })).toBeUndefined();
  });

  test('policies have a pointer of their own, which keeps what the last deployment replaced', async () => {
    await pointer.replace(undefined, { sha256: 'waivers' });
    expect(await policies.replace(undefined, { sha256: 'a' })).toBe(1);
    expect(await policies.replace(await policies.current(), { sha256: 'b', before: 'a' })).toBe(2);
    expect(await policies.current()).toEqual({ revision: 2, sha256: 'b', before: 'a' });
    expect(await pointer.current()).toEqual({ revision: 1, sha256: 'waivers' });
  });
});

describe('which waivers are used', () => {
  const keys = (from: number, count: number) =>
    Array.from({ length: count }, (_, at) => String(from + at).padStart(12, '0'));

  test('is read from all rows but those of images that were deleted; a row that is full says from where on it is not known', async () => {
    const TableName = await makeTable('pk');
    const used = () => new WaiversInRegister(TableName, cloud().dynamodb).used();
    const put = (pk: string, row: object) => documents().put({ TableName, Item: { pk, ...row } });
    await put('a', { verdict: { waiverKeys: keys(1, 2) } });
    await put('b', { verdict: { waiverKeys: keys(2, 2) }, lastFailedScan: { cause: 'SCAN_TIMED_OUT' } });
    await put('c', { verdict: { waiverKeys: keys(900, 2) }, lastFailedScan: { cause: 'IMAGE_GONE' } });
    await put('d', { verdict: { outcome: 'PASS' } });
    await put('REPOSITORY#a', { scans: {} });
    expect(await used()).toEqual({ keys: new Set(keys(1, 3)) });

    await put('e', { verdict: { waiverKeys: keys(100, 20) } });
    await put('f', { verdict: { waiverKeys: keys(50, 20) } });
    expect(await used()).toEqual({
      keys: new Set([...keys(1, 3), ...keys(100, 20), ...keys(50, 20)]),
      unknownFrom: keys(69, 1)[0],
    });
  });
});

describe('a file that people edit', () => {
  test('is its newest version; one that is too large is not read; one that is not there, or was deleted, is none', async () => {
    const { s3 } = cloud();
    const Bucket = uniqueName('bucket');
    await s3.createBucket({ Bucket });
    await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Enabled' } });
    const file = new S3File(Bucket, 'some/waivers.yaml', s3);
    expect(file).toMatchObject({ name: 'waivers.yaml', location: `s3://${Bucket}/some/waivers.yaml` });
    expect(await file.read(10)).toBeUndefined();

    await file.write('old');
    await file.write('0123456789');
    const newest = await file.read(10);
    expect(newest).toEqual({
      size: 10,
      bytes: new Uint8Array(Buffer.from('0123456789')),
      versionId: expect.any(String),
    });
    expect(await file.read(9)).toEqual({ size: 10, versionId: newest!.versionId });

    await s3.putObject({ Bucket, Key: 'some/waivers.yaml', Body: Buffer.alloc(0) });
    expect(await file.read(10)).toMatchObject({ size: 0, bytes: new Uint8Array() });
    await s3.deleteObject({ Bucket, Key: 'some/waivers.yaml' });
    expect(await file.read(10)).toBeUndefined();
  });

  test('in a bucket that is gone is an error, not a file without waivers', async () => {
    await expect(new S3File(uniqueName('gone'), 'waivers.yaml', cloud().s3).read(10)).rejects.toMatchObject({
      name: 'NoSuchBucket',
    });
  });
});
