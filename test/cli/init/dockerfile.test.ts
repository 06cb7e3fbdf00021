import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { newFolder } from './generated';
import { LANGUAGES } from '../../../cli/init/languages';
import { readImageReference } from '../../../src/core/image/image-reference';
import { digestOf } from '../../../src/core/text/sha256';
import { runCli, type Ended } from '../run-cli';
import { command, DIGEST as OTHER, MINUTES, scan, trivyOnPath } from '../scan/dockerfiles';

const MANIFEST = JSON.stringify({ schemaVersion: 2 });
const DIGEST = digestOf(MANIFEST);

let host: string;
let server: Server;
let asked: string[] = [];
let trivyPath = '';
/** A registry with every image, but those below `private/`, `gone/` and `busy/`. */
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url!);
    if (request.url!.startsWith('/v2/private/')) return response.writeHead(401).end();
    if (request.url!.startsWith('/v2/gone/')) return response.writeHead(404).end();
    if (request.url!.startsWith('/v2/busy/')) return response.writeHead(429).end();
    return response.writeHead(200, { 'docker-content-digest': OTHER }).end(MANIFEST);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  trivyPath = await trivyOnPath();
}, MINUTES);
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = [];
});

function init(language: string, folder: string, ...more: string[]): Promise<Ended> {
  return command(['init', 'dockerfile', '--language', language, ...more], folder);
}

const fromHere = () => ['--base', `${host}/team/run:1`, '--build-base', `${host}/team/build:1`];
const textIn = (folder: string) => readFileSync(join(folder, 'Dockerfile'), 'utf8');

describe.each(Object.keys(LANGUAGES))('the Dockerfile for %s', language => {
  let text = '';
  beforeAll(async () => {
    const folder = newFolder();
    const { code, err } = await init(language, folder, ...fromHere());
    expect([code, err]).toEqual([0, expect.stringContaining('wrote Dockerfile and .dockerignore')]);
    text = textIn(folder);
  });

  test(
    'passes our checks and those of Trivy',
    async () => {
      expect(await scan(trivyPath, text)).toEqual({ code: 0, findings: [] });
    },
    MINUTES,
  );

  test(
    'is refused without USER, without each of the digests, and with a secret',
    async () => {
      const changed = text.replaceAll(`@${DIGEST}`, '').replace(/^USER .*$/m, 'ENV DB_PASSWORD=hunter2');
      const { code, findings } = await scan(trivyPath, changed);
      expect([code, findings.sort()]).toEqual([
        1,
        ['runs-as-root', 'secret', 'unpinned-image', 'unpinned-image'].map(
          rule => `trusted-images refused ${rule}`,
        ),
      ]);
    },
    MINUTES,
  );
});

test('the images of each language have a registry and a version', () => {
  for (const { base, buildBase } of Object.values(LANGUAGES)) {
    for (const image of [base, buildBase]) {
      expect(readImageReference(image)).toMatchObject({ ok: true, value: { tag: expect.any(String) } });
    }
  }
});

describe('init dockerfile', () => {
  test('asks the registry, and believes the bytes that it answers', async () => {
    const folder = newFolder();
    const { code } = await init('go', folder, ...fromHere());
    expect([code, textIn(folder).match(/^FROM .*$/gm)]).toEqual([
      0,
      [`FROM ${host}/team/build:1@${DIGEST} AS build`, `FROM ${host}/team/run:1@${DIGEST}`],
    ]);
    expect(asked).toEqual(['/v2/team/run/manifests/1', '/v2/team/build/manifests/1']);
  });

  test.each([
    ['private', /does not let you read private\/app: log in with docker login/],
    ['gone', /has no gone\/app with manifests\/1: push it first/],
    ['busy', /has had too many requests: try again in a minute/],
  ])('writes nothing where the registry answers: %s', async (where, says) => {
    const folder = newFolder();
    const { code, err } = await init('node', folder, '--base', `${host}/${where}/app:1`);
    expect([code, err]).toEqual([2, expect.stringMatching(says)]);
    expect(err).toMatch(/^error: the digest of \S+ is not known, and nothing was written: .*\n$/);
    expect(() => textIn(folder)).toThrow('ENOENT');
  });

  test('writes nothing where no registry answers', async () => {
    const folder = newFolder();
    const { code, err } = await init('node', folder, '--base', '127.0.0.1:1/team/app:1');
    expect([code, err]).toEqual([2, expect.stringContaining('cannot be reached')]);
    expect(() => textIn(folder)).toThrow('ENOENT');
  });

  test('asks Amazon ECR with the login of AWS', async () => {
    const folder = newFolder();
    const base = '000000000000.dkr.ecr-fips.us-east-1.amazonaws.com/team/app:1';
    const { code, err } = await runCli(['init', 'dockerfile', '--language', 'node', '--base', base], folder, {
      environment: {
        AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
        AWS_ACCESS_KEY_ID: 'x',
        AWS_SECRET_ACCESS_KEY: 'x',
      },
    });
    expect([code, err]).toEqual([2, expect.stringMatching(/no AWS credentials|AWS cannot be reached/)]);
    expect(() => textIn(folder)).toThrow('ENOENT');
  });

  test('takes an image with its digest as it is, and asks no registry', async () => {
    const folder = newFolder();
    const { code } = await init('python', folder, '--base', `example.com/python:3@${DIGEST}`);
    expect([code, textIn(folder).match(/^FROM .*$/gm), asked]).toEqual([
      0,
      [`FROM example.com/python:3@${DIGEST} AS build`, `FROM example.com/python:3@${DIGEST}`],
      [],
    ]);
  });

  test.each([
    ['cobol', []],
    ['constructor', []],
    ['go', ['--base', 'a']],
    ['go', ['--base', 'a:latest']],
    ['go', ['--base', 'a b:1']],
    ['go', ['--base', 'a//b:1']],
  ])('refuses %s %j', async (language, more) => {
    expect((await init(language, newFolder(), ...more)).code).toBe(64);
    expect(asked).toEqual([]);
  });

  test('overwrites nothing unless it is told to', async () => {
    const folder = newFolder({ '.dockerignore': 'mine\n' });
    expect((await init('go', folder, ...fromHere())).code).toBe(64);
    expect(readFileSync(join(folder, '.dockerignore'), 'utf8')).toBe('mine\n');
    expect((await init('go', folder, ...fromHere(), '--force')).code).toBe(0);
    expect(readFileSync(join(folder, '.dockerignore'), 'utf8')).toContain('**/.env');
  });
});
