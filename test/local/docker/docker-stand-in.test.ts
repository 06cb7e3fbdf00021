import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder';
import { dockerStandIn, LAYOUT_FOLDER } from '../../../local/docker/docker-stand-in';
import { standInDocker } from '../../../local/docker/environment';
import { writeLayout } from '../../../local/images/layout';
import { zooImage } from '../../../local/images/zoo/zoo';
import { run } from '../../../local/tools/command';
import { serveMemoryRegistry } from '../images/memory-registry';

const URI = '000000000000.dkr.ecr.us-east-1.amazonaws.com/cdk-assets:0a1b';
const temporary = temporaryFolder();
const asset = () => join(temporary(), 'asset.0a1b');
const environment = () => standInDocker(join(temporary(), 'state'));

beforeEach(() => mkdirSync(asset()));

function docker(args: readonly string[], more: Record<string, string> = {}): Promise<string> {
  return dockerStandIn(args, { folder: asset(), environment: { ...environment(), ...more } });
}

test('what is built of a layout is pushed byte for byte, an index after its images', async () => {
  const registry = await serveMemoryRegistry();
  const index = await zooImage('attested');
  await writeLayout(join(asset(), LAYOUT_FOLDER), index);

  await docker(['build', '--tag', 'cdkasset-0a1b', '.']);
  await docker(['tag', 'cdkasset-0a1b', URI]);
  const said = await docker(['push', URI], { AWS_ENDPOINT_URL: registry.url });
  registry.stop();

  expect(said).toBe(`0a1b: digest: ${index.descriptor.digest} size: ${index.bytes.length}\n`);
  expect(registry.manifests.get('0a1b')).toEqual({
    mediaType: index.descriptor.mediaType,
    bytes: index.bytes,
  });
  expect([...registry.manifests.keys()]).toEqual([
    ...index.children.map(child => child.descriptor.digest),
    '0a1b',
  ]);
  const blobs = index.children.flatMap(child => child.blobs.map(({ descriptor }) => descriptor.digest));
  expect(new Set(registry.blobs.keys())).toEqual(new Set(blobs));
});

test('names are told by pattern, as cdk-assets asks for the tag of an asset', async () => {
  await writeLayout(join(asset(), LAYOUT_FOLDER), await zooImage('scratch'));
  await docker(['build', '--tag', 'cdkasset-0a1b', '.']);
  await docker(['tag', 'cdkasset-0a1b', URI]);

  expect(
    await docker(['images', '--format', '{{.Repository}}:{{.Tag}}', '--filter', 'reference=*/*:0a1b']),
  ).toBe(`${URI}\n`);
  expect(
    await docker(['images', '--format', '{{.Repository}}:{{.Tag}}', '--filter', 'reference=*/*:0a1']),
  ).toBe('');
});

test('a login succeeds', async () => {
  await expect(docker(['login', '--username', 'AWS', '--password-stdin', 'registry'])).resolves.toContain(
    'no login',
  );
});

test('fails when there is no layout in the asset', async () => {
  await expect(docker(['build', '--tag', 'a', '.'])).rejects.toThrow(
    `this stand-in builds nothing, and ${asset()} has no image: put an OCI layout into the folder image/ of the asset, as writeLayout of local/images/layout.ts does`,
  );
});

test('the program runs in any folder, and tells an image that is not there from other failures by its code', async () => {
  const surroundings = { cwd: asset(), environment: { PATH: process.env.PATH, ...environment() } };
  const program = (...args: string[]) => run(environment().CDK_DOCKER, args, surroundings);
  await writeLayout(join(asset(), LAYOUT_FOLDER), await zooImage('scratch'));

  expect(await program('inspect', 'a')).toEqual({
    code: 1,
    stdout: '',
    stderr: 'no such image: a; build or tag it first\n',
  });
  expect(await program('build', '--tag', 'a', '.')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('a is sha256:') as string,
  });
  expect(await program('inspect', 'a')).toMatchObject({ code: 0 });
  expect(await program('run', 'a')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('docker "run" is not among') as string,
  });
});
