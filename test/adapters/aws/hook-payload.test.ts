import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EnvironmentName } from '../../../src/core/environment';
import { Limit } from '../../../src/core/limits';
import type { Result } from '../../../src/core/result';
import { Seconds } from '../../../src/core/times';

const MODEL = { resourceProperties: { ContainerDefinitions: [{ Image: 'a' }] } };

let server: Server;
let endpoint: string;
let paths: string[];
let answer: RequestListener;
let hookPayload: (url: string) => Promise<Result<unknown, string>>;

beforeEach(async () => {
  paths = [];
  server = createServer((request, response) => {
    paths.push(request.url!);
    answer(request, response);
  });
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: endpoint,
    [EnvironmentName.urlSuffix]: 'amazonaws.com',
  });
  jest.resetModules(); // it reads its place when it is loaded
  ({ hookPayload } = jest.requireActual('../../../adapters/aws/hook-payload'));
});
afterEach(() => {
  jest.restoreAllMocks();
  delete process.env.AWS_ENDPOINT_URL;
  server.closeAllConnections();
  return new Promise(done => server.close(done));
});

const fetched = () => hookPayload(`${endpoint}/bucket/key?signature=a-secret`);
const serve = (body: string, status = 200, headers: Record<string, string> = {}) => {
  answer = (_, response) => response.writeHead(status, headers).end(body);
};
/** All that an error would say where it is logged. */
const thrown = () =>
  fetched().then(
    () => 'nothing',
    (error: Error) => [error.stack, JSON.stringify(error), String(error.cause)].join('\n'),
  );

test('what lies at the URL is read, with the query that signs it', async () => {
  serve(JSON.stringify(MODEL));
  expect(await fetched()).toEqual({ ok: true, value: MODEL });
  expect(paths).toEqual(['/bucket/key?signature=a-secret']);
});

describe('rule 5.7, fail closed', () => {
  test.each(['', '<Error/>', '{"resourceProperties":'])('%j is no model', async body => {
    serve(body);
    expect(await fetched()).toEqual({ ok: true, value: undefined });
  });

  test('as many bytes as are allowed are read, and of more nothing, whatever the headers say', async () => {
    const text = (bytes: number) => JSON.stringify('a'.repeat(bytes - 2));
    serve(text(Limit.hookPayloadBytes));
    expect(await fetched()).toMatchObject({ ok: true });
    const error = `the request has more than ${Limit.hookPayloadBytes} bytes`;
    serve(text(Limit.hookPayloadBytes + 1));
    expect(await fetched()).toEqual({ ok: false, error });
    answer = (_, response) => {
      const more = () => response.write('a'.repeat(65_536), failed => failed ?? more());
      response.writeHead(200);
      more();
    };
    expect(await fetched()).toEqual({ ok: false, error });
  });

  test('a redirect is not followed', async () => {
    serve('', 302, { location: `${endpoint}/metadata` });
    expect(await thrown()).toContain('S3 does not give what the request names');
    expect(paths).toHaveLength(1);
  });

  test.each([403, 404, 500])('status %d gives nothing', async status => {
    serve(JSON.stringify(MODEL), status);
    expect(await thrown()).toContain('S3 does not give what the request names');
  });

  test.each<[string, RequestListener]>([
    ['answers nothing', () => undefined],
    ['stops in the middle', (_, response) => void response.writeHead(200).write('{')],
  ])('a server that %s is given up before the gate has to decide', async (_, silent) => {
    const limits: number[] = [];
    const timeout = AbortSignal.timeout.bind(AbortSignal);
    jest.spyOn(AbortSignal, 'timeout').mockImplementation(milliseconds => {
      limits.push(milliseconds);
      return timeout(50);
    });
    answer = silent;
    expect(await thrown()).toContain('S3 does not give what the request names');
    expect(limits).toEqual([Seconds.hookPayload * 1000]);
    expect(Seconds.hookPayload).toBeLessThan(Seconds.gateDecides);
  });

  test('a connection that breaks off gives nothing', async () => {
    answer = (_, response) => response.writeHead(200).write('{', () => response.destroy());
    expect(await thrown()).toContain('S3 does not give what the request names');
  });
});

test('rule 5.10, no secrets of gates: no error has the URL', async () => {
  for (const silent of [
    () => serve('', 500),
    () => serve('', 302, { location: '/' }),
    () => {
      answer = (_, response) => response.writeHead(200).write('{', () => response.destroy());
    },
  ]) {
    silent();
    expect(await thrown()).not.toContain('a-secret');
  }
  expect(JSON.stringify(await hookPayload('https://evil.io/?a-secret'))).not.toContain('a-secret');
});
