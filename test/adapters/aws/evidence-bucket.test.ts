import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { S3Client } from '@aws-sdk/client-s3';
import { EvidenceBucket } from '../../../adapters/aws/evidence-bucket';
import { Tries } from '../../../src/core/times';

/** Answers of S3 to one write after the other, the last one again and again. */
let answers: [status: number, code?: string][];
let writes: (string | string[] | undefined)[];
let server: Server;
let bucket: EvidenceBucket;

beforeEach(async () => {
  [answers, writes] = [[[200]], []];
  server = createServer((request, response) => {
    request.resume().on('end', () => {
      writes.push(request.headers['if-none-match']);
      const [status, code] = answers.length > 1 ? answers.shift()! : answers[0]!;
      response
        .writeHead(status, { 'content-type': 'application/xml' })
        .end(code === undefined ? '' : `<Error><Code>${code}</Code><Message>as asked</Message></Error>`);
    });
  });
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready));
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    forcePathStyle: true,
  });
  bucket = new EvidenceBucket('evidence', client, 1);
});
afterEach(() => new Promise(done => server.close(done)));

test.each<[what: string, answer: [number, string?], isThere: boolean]>([
  ['is there', [200], true],
  ['is missing', [404, 'NotFound'], false],
  ['may be missing, for who may not list', [403, 'Forbidden'], false],
])('an object %s', async (_, answer, isThere) => {
  answers = [answer];
  expect(await bucket.has('scans/a')).toBe(isThere);
});

test('where S3 fails, nobody knows whether an object is there', async () => {
  answers = [[400, 'BadRequest']];
  await expect(bucket.has('scans/a')).rejects.toThrow();
});

const CONFLICT: [number, string] = [409, 'ConditionalRequestConflict'];
const THERE: [number, string] = [412, 'PreconditionFailed'];
const write = () => bucket.writeOnce('scans/a', 'b', 'application/json');

describe('rule 5.3, separation of duties: the first writer wins', () => {
  test('a key that nobody has is written', async () => {
    expect(await write()).toBe(true);
    expect(writes).toEqual(['*']);
  });

  test('a key that is there is left alone', async () => {
    answers = [THERE];
    expect(await write()).toBe(false);
    expect(writes).toHaveLength(1);
  });

  test('a write in progress is waited for: it failed', async () => {
    answers = [CONFLICT, CONFLICT, [200]];
    expect(await write()).toBe(true);
    expect(writes).toEqual(['*', '*', '*']);
  });

  test('a write in progress is waited for: it was first', async () => {
    answers = [CONFLICT, THERE];
    expect(await write()).toBe(false);
  });

  test('a conflict that does not end is an error: it is not known whether the object is there', async () => {
    answers = [CONFLICT];
    await expect(write()).rejects.toMatchObject({ name: 'ConditionalRequestConflict' });
    expect(writes).toHaveLength(Tries.writeOnce);
  });

  test('any other refusal is an error at once', async () => {
    answers = [[403, 'AccessDenied']];
    await expect(write()).rejects.toMatchObject({ name: 'AccessDenied' });
    expect(writes).toHaveLength(1);
  });
});
