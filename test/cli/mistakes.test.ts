import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { runCli } from './run-cli';
import packageJson from '../../package.json';
import { PROGRAM } from '../../src/core/program-name';

test('help and errors name the program as it is installed', async () => {
  expect(Object.keys(packageJson.bin)).toContain(PROGRAM);
  const { out } = await runCli(['--help']);
  expect(out).toMatch(new RegExp(`^Usage: ${PROGRAM} \\[options\\]`));
  expect((await runCli(['scan', '--help'])).out).toMatch(new RegExp(`^Usage: ${PROGRAM} scan `));
});

describe('a path that is not there', () => {
  const says = (name: string) =>
    `error: "${name}" is not there, allowed: an OCI layout, a tar, docker:${name}, or an image in a registry with its tag, ${name}:latest\n`;

  test.each(['image', 'build/image', 'dist/image.oci', 'image.tgz'])(
    'is not asked of a registry: %s',
    async name => {
      expect(await runCli(['scan', name], '/')).toEqual({ code: 2, out: '', err: says(name) });
    },
  );

  test.each(['localhost:1/image', '127.0.0.1:1/team/image', 'localhost:1/team/image:v1'])(
    'the address of a registry is: %s',
    async name => {
      const { err } = await runCli(['scan', name], '/');
      expect(err).not.toMatch(/is not there/);
    },
  );
});

describe('the region of a reference', () => {
  const AWS = ['AWS_ENDPOINT_URL', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION'] as const;
  const before = Object.fromEntries(AWS.map(name => [name, process.env[name]]));
  const regions: string[] = [];
  let cloud: Server;

  beforeAll(async () => {
    cloud = createServer((request, response) => {
      regions.push(/Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '');
      request.resume();
      response.writeHead(400, { 'content-type': 'text/xml' });
      response.end(
        '<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id Trust does not exist</Message></Error></ErrorResponse>',
      );
    });
    await new Promise<void>(done => {
      cloud.listen(0, '127.0.0.1', done);
    });
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(cloud.address() as AddressInfo).port}`,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    });
  });

  afterAll(async () => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    await new Promise(done => cloud.close(done));
  });

  test.each(['verify', 'explain', 'rescan'])(
    '%s asks there, whatever the environment says',
    async command => {
      const image = `111122223333.dkr.ecr.eu-central-1.amazonaws.com/team/app@sha256:${'a'.repeat(64)}`;
      for (const environment of [{}, { AWS_REGION: 'us-east-1' }]) {
        regions.length = 0;
        expect(await runCli([command, image, '--stack', 'Trust'], '/', { environment })).toEqual({
          code: 2,
          out: '',
          err: 'error: there is no stack "Trust" in this account and in eu-central-1, the region of the image: check --stack, AWS_PROFILE and the image\n',
        });
        expect([...new Set(regions)]).toEqual(['eu-central-1']);
      }
    },
  );
});
