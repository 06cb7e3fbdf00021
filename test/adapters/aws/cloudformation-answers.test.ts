import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudFormationAnswers } from '../../../adapters/aws/cloudformation-answers';

interface Call {
  readonly method?: string;
  readonly url?: string;
  readonly type?: string;
  readonly body: string;
}

let server: Server;
let endpoint: string;
let calls: Call[];
/** Statuses to answer with, the last one again and again. */
let statuses: number[];

beforeEach(async () => {
  [calls, statuses] = [[], [200]];
  server = createServer((request, response) => {
    let body = '';
    request
      .on('data', chunk => {
        body += chunk;
      })
      .on('end', () => {
        calls.push({ method: request.method, url: request.url, type: request.headers['content-type'], body });
        response
          .writeHead(statuses.length > 1 ? statuses.shift()! : statuses[0]!, { location: '/elsewhere' })
          .end('what the server says');
      });
  });
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => new Promise(done => server.close(done)));

const answers = (place: { endpoint?: string } = { endpoint }) =>
  new CloudFormationAnswers({ region: 'eu-west-1', urlSuffix: 'amazonaws.com', ...place }, 1);
const asker = (url = `${endpoint}/secret?signature=1`) => ({
  ResponseURL: url,
  StackId: 's',
  RequestId: 'r',
  LogicalResourceId: 'l',
  PhysicalResourceId: 'p',
});

test('an answer is put there as it is, with a type that is empty: what signed the URL knew none', async () => {
  await answers().send(asker(), { reason: 'no' });
  expect(calls).toEqual([
    {
      method: 'PUT',
      url: '/secret?signature=1',
      type: '',
      body: JSON.stringify({
        Status: 'FAILED',
        StackId: 's',
        RequestId: 'r',
        LogicalResourceId: 'l',
        PhysicalResourceId: 'p',
        Reason: 'no',
      }),
    },
  ]);
});

test.each([[[500, 503, 200]], [[429, 200]]])('after %j it arrives: there are three tries', async all => {
  statuses = [...all];
  await answers().send(asker(), { PhysicalResourceId: 'now' });
  expect(calls).toHaveLength(all.length);
});

const thrown = async (work: Promise<void>) =>
  work.then(
    () => 'nothing',
    (error: Error) => [error.message, error.stack, JSON.stringify(error), String(error.cause)].join('\n'),
  );

test.each<[string, number, string]>([
  ['refuses', 403, 'status 403'],
  ['sends it elsewhere, where nothing is sent', 307, 'status 307'],
])(
  'rule 5.10, no secrets of gates: a server that %s is an error, which does not say where it is',
  async (_, status, problem) => {
    statuses = [status];
    const error = await thrown(answers().send(asker(), { reason: 'no' }));
    expect(error).toContain(`CloudFormation did not take the answer in 3 tries: ${problem}`);
    expect(error).not.toContain('secret');
    expect(calls.map(({ url }) => url)).toEqual(Array(3).fill('/secret?signature=1'));
  },
);

test('rule 5.10, no secrets of gates: a server that is not there is an error, which does not say where it is', async () => {
  await new Promise(done => server.close(done));
  const error = await thrown(answers().send(asker(), { reason: 'no' }));
  expect(error).toContain('in 3 tries: ECONNREFUSED');
  expect(error).not.toContain('secret');
});

test.each([
  ['no URL', 'secret signature'],
  ['another host', 'https://example.com/secret'],
  ['HTTP', 'http://cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com/secret'],
])(
  'rule 5.10, no secrets of gates: nothing is sent to %s, and the error does not say where that is',
  async (_, url) => {
    const error = await thrown(answers().send(asker(url), { reason: 'no' }));
    expect(error).toMatch(/^nothing is sent to the URL that an answer is asked for at: /);
    expect(error).not.toContain('secret');
  },
);

test('rule 5.10, no secrets of gates: on AWS nothing is sent to this machine', async () => {
  expect(await thrown(answers({}).send(asker(), { reason: 'no' }))).toMatch(/^nothing is sent/);
  expect(calls).toEqual([]);
});
