import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Content } from '../../../local/images/content';
import { zooImage, type ZooName } from '../../../local/images/zoo/zoo';
import { Workshop } from '../../cli/scan/workshop';

let shop: Workshop;
let server: Server;
let host: string;
const asked: string[] = [];
/** What is answered to everybody, whoever it is. */
let challenge: string | undefined;
const manifests = new Map<string, { mediaType: string; bytes: Buffer }>();
const blobs = new Map<string, Buffer>();
const LOGIN = `Basic ${Buffer.from('me:secret').toString('base64')}`;

/** A registry to read from. Below `private/` it asks for a login, by a token. */
beforeAll(async () => {
  shop = await Workshop.open();
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://registry');
    const { authorization = '' } = request.headers;
    if (pathname === '/token') {
      const isAllowed = authorization === LOGIN || searchParams.get('scope')?.startsWith('repository:team/');
      return response
        .writeHead(isAllowed ? 200 : 401)
        .end(JSON.stringify({ token: authorization === LOGIN ? 'good' : 'anonymous' }));
    }
    if (challenge !== undefined) return response.writeHead(401, { 'www-authenticate': challenge }).end();
    if (pathname === '/v2/team/cut/manifests/v1') {
      response.writeHead(200, { 'content-length': 1000 }).write('{');
      return setTimeout(() => response.destroy(), 50);
    }
    if (authorization === '' || (pathname.startsWith('/v2/private/') && authorization !== 'Bearer good')) {
      return response
        .writeHead(401, { 'www-authenticate': `Bearer realm="http://${host}/token",service="here"` })
        .end();
    }
    asked.push(pathname);
    const name = pathname.replace('/private', '').replace('/v2/', '');
    const manifest = manifests.get(name);
    if (pathname === '/v2/') return response.writeHead(200).end();
    if (manifest !== undefined) {
      return response
        .writeHead(200, { 'content-type': manifest.mediaType })
        .end(request.method === 'HEAD' ? undefined : manifest.bytes);
    }
    const blob = blobs.get(name.split('/').at(-1)!);
    return blob === undefined
      ? response.writeHead(404).end('{"errors":[{"code":"MANIFEST_UNKNOWN"}]}')
      : response.writeHead(200).end(blob);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
}, 600_000);
afterAll(() => {
  server.closeAllConnections();
  server.close();
  shop.close();
});
beforeEach(() => {
  asked.length = 0;
});
jest.setTimeout(120_000);

async function serve(name: ZooName): Promise<Content> {
  const image = await zooImage(name);
  const add = (content: Content, ...as: string[]) => {
    const {
      descriptor: { mediaType, digest },
      bytes,
    } = content;
    for (const each of [digest, ...as]) manifests.set(`team/${name}/manifests/${each}`, { mediaType, bytes });
    for (const blob of content.blobs) blobs.set(blob.descriptor.digest, blob.bytes);
    content.children.forEach(child => add(child));
  };
  add(image, 'v1');
  return image;
}

test.each([
  ['clean', 0],
  ['fixable-critical', 1],
  ['clean-and-vulnerable', 1],
  ['decoy', 2],
  ['attested', 0],
  ['helm-chart', 2],
  ['duplicate-diff-ids', 2],
] as const)('%s by its tag: %d, and Trivy is given digests only', async (name, code) => {
  const {
    descriptor: { digest },
  } = await serve(name);
  const ended = await shop.scan([`${host}/team/${name}:v1`]);
  expect(ended).toMatchObject({ code, err: '' });
  expect(ended.out).toContain(digest);
  expect(asked.filter(path => path.endsWith('/manifests/v1'))).toHaveLength(1);
});

test('by its digest', async () => {
  const {
    descriptor: { digest },
  } = await serve('fixable-critical');
  expect(await shop.scan([`${host}/team/fixable-critical@${digest}`])).toMatchObject({ code: 1 });
});

test('another manifest than the one that was asked for is not scanned', async () => {
  const {
    descriptor: { digest },
  } = await serve('clean');
  const { bytes } = await zooImage('root');
  manifests.set(`team/clean/manifests/${digest}`, {
    ...manifests.get(`team/clean/manifests/${digest}`)!,
    bytes,
  });
  const ended = await shop.scan([`${host}/team/clean@${digest}`]);
  expect(ended).toMatchObject({ code: 2, out: '' });
  expect(ended.err).toMatch(/the registry [\d.:]+ answered another manifest than sha256:/);
});

test('with the login that Docker has', async () => {
  await serve('fixable-critical');
  shop.write(
    'config.json',
    JSON.stringify({ auths: { [host]: { auth: Buffer.from('me:secret').toString('base64') } } }),
  );
  expect(
    await shop.scan([`${host}/private/team/fixable-critical:v1`], { DOCKER_CONFIG: shop.folder }),
  ).toMatchObject({ code: 1, err: '' });
});

test('with the login that a helper of Docker has', async () => {
  await serve('fixable-critical');
  shop.write(
    'docker-credential-ours',
    '#!/bin/sh\ncat > /dev/null\necho \'{"Username":"me","Secret":"secret"}\'\n',
    0o755,
  );
  shop.write('config.json', JSON.stringify({ credHelpers: { [host]: 'ours' } }));
  const environment = {
    DOCKER_CONFIG: shop.folder,
    PATH: `${shop.folder}:${shop.trivy.replace(/\/[^/]*$/, '')}:/usr/bin:/bin`,
  };
  expect(await shop.scan([`${host}/private/team/fixable-critical:v1`], environment)).toMatchObject({
    code: 1,
    err: '',
  });
});

test('without a login: how to get one', async () => {
  const ended = await shop.scan([`${host}/private/team/clean:v1`]);
  expect(ended).toMatchObject({ code: 2, out: '' });
  expect(ended.err).toContain(`log in with docker login ${host}`);
});

describe('says in one line who did not answer', () => {
  const realm = (text: string) => {
    challenge = `Bearer realm="${text}",service="here"`;
  };
  afterEach(() => {
    challenge = undefined;
  });

  test.each([
    [
      'a token service that is not there',
      'http://127.0.0.1:1/token',
      /^error: the token service of the registry [\d.:]+, 127\.0\.0\.1:1, cannot be reached \(.*\): check its name and the network\n$/,
    ],
    [
      'a token service that is no URL',
      'nowhere\u009b31m',
      /^error: the token service of the registry [\d.:]+ is "nowhere31m", allowed: a URL; check what answers for the registry\n$/,
    ],
  ])('%s', async (_, text, says) => {
    realm(text);
    expect(await shop.scan([`${host}/team/clean:v1`])).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(says),
    });
  });

  test('an answer that breaks off', async () => {
    expect(await shop.scan([`${host}/team/cut:v1`])).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(
        /^error: the registry [\d.:]+ broke off while it answered \(UND_ERR_SOCKET\): try again\n$/,
      ),
    });
  });
});

test('what is not there, and where nobody is', async () => {
  expect(await shop.scan([`${host}/team/gone:v1`])).toMatchObject({
    code: 2,
    err: expect.stringContaining('an image of the local Docker is scanned as docker:team/gone'),
  });
  expect(await shop.scan(['127.0.0.1:1/team/gone:v1'])).toMatchObject({
    code: 2,
    err: expect.stringMatching(/cannot be reached \(/),
  });
});
