import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { zooImage, type ZooName } from '../../../local/images/zoo/zoo';
import { Workshop } from '../../cli/scan/workshop';
import { HOSTILE } from '../../core/support/hostile';

let shop: Workshop;
beforeAll(async () => {
  shop = await Workshop.open();
}, 600_000);
afterAll(() => shop.close());
jest.setTimeout(120_000);

async function ociTar(name: ZooName, options = '-cf'): Promise<string> {
  const layout = await shop.layout(name);
  execFileSync('tar', ['-C', layout, options, `${layout}.tar`, '.']);
  return `${layout}.tar`;
}

type Entry = readonly [path: string, content: Buffer | string, link?: 'link' | 'symlink'];

async function tarOf(name: string, files: readonly Entry[]): Promise<string> {
  const archive = pack();
  for (const [path, content, type] of files) {
    if (type === undefined) archive.entry({ name: path }, content);
    else archive.entry({ name: path, type, linkname: String(content) });
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return shop.write(name, Buffer.concat(chunks));
}

/** As docker save wrote before it wrote OCI layouts: uncompressed layers beside a config. */
async function classicTar(
  name: ZooName,
  file: string,
  change: (files: readonly Entry[]) => readonly Entry[] = files => files,
): Promise<string> {
  const [config, ...layers] = (await zooImage(name)).blobs;
  const hex = config!.descriptor.digest.slice(7);
  const named = layers.map(({ bytes }) => {
    const content = gunzipSync(bytes);
    return [`${createHash('sha256').update(content).digest('hex')}/layer.tar`, content] as const;
  });
  const manifest = JSON.stringify([
    { Config: `${hex}.json`, RepoTags: ['app:dev'], Layers: named.map(([path]) => path) },
  ]);
  const files = [...named, [`${hex}.json`, config!.bytes] as const, ['manifest.json', manifest] as const];
  return tarOf(file, change(files));
}

test.each([
  ['clean', 0],
  ['fixable-critical', 1],
  ['clean-and-vulnerable', 1],
  ['helm-chart', 2],
  ['duplicate-diff-ids', 2],
] as const)('a tar of the layout of %s: %d', async (name, code) => {
  const ended = await shop.scan([await ociTar(name)]);
  expect(ended).toMatchObject({ code, err: '' });
});

test('also a zipped one', async () => {
  expect(await shop.scan([await ociTar('fixable-critical', '-czf')])).toMatchObject({ code: 1 });
});

test.each([
  ['clean', 0],
  ['fixable-critical', 1],
] as const)('what docker save wrote of %s: %d', async (name, code) => {
  expect(await shop.scan([await classicTar(name, 'saved.tar')])).toMatchObject({ code, err: '' });
});

/** As Jib writes it: zipped layers, and always the same name of the config. */
async function jibTar(name: ZooName, file: string): Promise<string> {
  const [config, ...layers] = (await zooImage(name)).blobs;
  const named = layers.map(
    ({ descriptor, bytes }) => [`${descriptor.digest.slice(7)}.tar.gz`, bytes] as const,
  );
  const manifest = JSON.stringify([
    { Config: 'config.json', Layers: named.map(([path]) => path), RepoTags: ['app:dev'] },
  ]);
  return tarOf(file, [...named, ['config.json', config!.bytes], ['manifest.json', manifest]]);
}

describe('an archive of Jib', () => {
  test.each([
    ['clean', 0],
    ['fixable-critical', 1],
  ] as const)('%s: %d, and Trivy itself finds the same in it', async (name, code) => {
    const archive = await jibTar(name, 'jib.tar');
    expect(await shop.scan([archive, '--json', `${archive}.json`])).toMatchObject({ code, err: '' });
    const trivy = spawnSync(
      shop.trivy,
      [
        ...['image', '--input', archive, '--cache-dir', shop.cache, '--offline-scan', '--format', 'json'],
        ...[
          '--skip-db-update',
          '--skip-java-db-update',
          '--quiet',
          '--scanners',
          'vuln',
          '--skip-version-check',
        ],
      ],
      { encoding: 'utf8', env: { PATH: '/usr/bin:/bin', HOME: shop.folder } },
    );
    const found = (JSON.parse(trivy.stdout).Results ?? [])
      .flatMap((result: any) => result.Vulnerabilities ?? [])
      .map((each: any) => each.VulnerabilityID);
    const [image] = JSON.parse(shop.read('jib.tar.json')).images;
    const ours = Object.values<number>(image.counts).reduce((sum, count) => sum + count, 0);
    expect(ours).toBe(found.length);
  });
});

test('an archive without a manifest: the digest is not the one of a registry, and that is said', async () => {
  const said =
    'this is not the digest that a registry will give it: the archive has no manifest; to know the digest before the push, write an OCI layout';
  const inJson = () => JSON.parse(shop.read('answer.json')).isDigestMadeUp;
  for (const file of [await classicTar('clean', 'old.tar'), await jibTar('clean', 'jib.tar')]) {
    const { out } = await shop.scan([file, '--json', shop.path('answer.json')]);
    expect(out).toMatch(new RegExp(`\\n  sha256:[0-9a-f]{64} [^\\n]+\\n  ${said}\\n`));
    expect(inJson()).toBe(true);
  }
  const { out } = await shop.scan([await ociTar('clean'), '--json', shop.path('answer.json')]);
  expect(out).not.toContain('not the digest');
  expect(inJson()).toBeUndefined();
});

describe('a layer of docker save that is a link', () => {
  const OTHER = 'c'.repeat(64);
  const withLink = (...links: Entry[]) =>
    classicTar('fixable-critical', 'linked.tar', files => {
      const [[path, content], ...rest] = files as [Entry, ...Entry[]];
      return [...links, [links.length === 0 ? path : `${OTHER}/layer.tar`, content], ...rest];
    });
  const first = async () => {
    const {
      blobs: [, layer],
    } = await zooImage('fixable-critical');
    return `${createHash('sha256').update(gunzipSync(layer!.bytes)).digest('hex')}/layer.tar`;
  };

  test.each([
    ['symlink', `../${OTHER}/layer.tar`],
    ['link', `${OTHER}/layer.tar`],
    ['link', `./${OTHER}/layer.tar`],
  ] as const)('as %s to %s is that layer', async (type, target) => {
    expect(await shop.scan([await withLink([await first(), target, type])])).toMatchObject({
      code: 1,
      err: '',
    });
  });

  test('twice is in the image twice', async () => {
    const twice = (manifest: string) =>
      manifest.replace(
        /"Layers":\["([^"]+)"/,
        (all, path: string) => `${all},"${path.replace(/^\w+/, OTHER)}"`,
      );
    const saved = await classicTar('clean', 'twice.tar', files => [
      ...files.map(([path, content]): Entry =>
        path === 'manifest.json' ? [path, twice(String(content))] : [path, content],
      ),
      [`${OTHER}/layer.tar`, `../${files[0]![0]}`, 'symlink'],
    ]);
    const ended = await shop.scan([saved]);
    // it was read: that its config has a diff_id less is told of the image
    expect(ended.out).toMatch(/UNSCANNABLE: .*layers/);
  });

  test.each([
    ['symlink', '/etc/passwd'],
    ['symlink', '../../../../etc/passwd'],
    ['link', '/etc/passwd'],
    ['symlink', '../manifest.json'],
    ['symlink', 'layer.tar'],
  ] as const)('as %s to %s is no layer', async (type, target) => {
    const ended = await shop.scan([await withLink([await first(), target, type])]);
    expect(ended).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(/is not whole: ".*layer\.tar" is not in it/),
    });
  });
});

test.each(HOSTILE.slice(2, 15))(
  'what an archive says of itself does nothing on a terminal: %j',
  async text => {
    const { err } = await shop.scan([
      await tarOf('hostile.tar', [['manifest.json', JSON.stringify([{ Config: text, Layers: [text] }])]]),
    ]);
    expect(err).toMatch(/is not whole: /);
    // eslint-disable-next-line no-control-regex
    expect(err.trimEnd()).not.toMatch(
      /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/,
    );
  },
);

describe('is 2, and says why', () => {
  async function refused(file: string, why: RegExp): Promise<void> {
    const ended = await shop.scan([file]);
    expect(ended.code).toBe(2);
    expect(ended.out + ended.err).toMatch(why);
  }

  test('a tar that is cut off, at any place', async () => {
    const whole = await ociTar('fixable-critical');
    const size = readFileSync(whole).length;
    for (const part of [0.1, 0.5, 0.9]) {
      const cut = shop.write(`cut-${part}.tar`, readFileSync(whole));
      truncateSync(cut, Math.floor((size * part) / 512) * 512 + 100);
      await refused(cut, /cannot be read as a tar|is not there|is no archive of an image/);
    }
  });

  test('a zipped one that is cut off', async () => {
    const whole = await ociTar('clean', '-czf');
    truncateSync(whole, 1000);
    await refused(whole, /cannot be read as a tar/);
  });

  test('an empty file', () => refused(shop.write('empty.tar', ''), /it is empty/));
  test('a text', () => refused(shop.write('text.tar', 'hello '.repeat(1000)), /cannot be read as a tar/));
  test('a tar of something else', async () =>
    refused(await tarOf('other.tar', [['readme.txt', 'hello']]), /is no archive of an image/));
  test('an archive without a layer', async () =>
    refused(
      await classicTar('clean', 'part.tar', files => files.filter(([path]) => !path.endsWith('layer.tar'))),
      /is not whole: ".*layer\.tar" is not in it/,
    ));
  test('an archive of two images', async () => {
    const image = { Config: `${'a'.repeat(64)}.json`, Layers: [] };
    await refused(
      await tarOf('two.tar', [['manifest.json', JSON.stringify([image, image])]]),
      /holds 2 images, allowed: 1/,
    );
  });
  test('a file that is not there', () => refused('nothing.tar', /is not there/));
});

test('names in an archive lead nowhere but into its own folder', async () => {
  const out = shop.path('escaped');
  await shop.scan([
    await tarOf('evil.tar', [
      [`../../../../../../../..${out}`, 'x'],
      [out, 'x'],
      [`blobs/sha256/../../..${out}`, 'x'],
      ['index.json', '{"manifests":[]}'],
    ]),
  ]);
  expect(existsSync(out)).toBe(false);
});

test('docker:NAME is what docker saves', async () => {
  const saved = await classicTar('fixable-critical', 'from-docker.tar');
  const docker = `#!/bin/sh\n[ "$1" = save ] && [ "$4" = app:dev ] || { echo "no such image: $4" >&2; exit 1; }\ncp ${saved} "\${2#--output=}"\n`;
  writeFileSync(shop.path('docker'), docker, { mode: 0o755 });
  const PATH = `${shop.folder}:${shop.trivy.replace(/\/[^/]*$/, '')}:/usr/bin:/bin`;
  const ended = await shop.scan(['docker:app:dev'], { PATH });
  expect(ended).toMatchObject({ code: 1, err: '' });
  expect(ended.out).toMatch(/^FAIL {2}the image "app:dev" of the local Docker\n/);
  const elsewhere = {
    DOCKER_HOST: 'tcp://there:2376',
    DOCKER_CONTEXT: 'there',
    DOCKER_TLS_VERIFY: '1',
    DOCKER_CERT_PATH: '/certs',
  };
  writeFileSync(
    shop.path('docker'),
    `#!/bin/sh\nexport -p > ${shop.path('docker-env')}\n${docker.slice('#!/bin/sh\n'.length)}`,
    { mode: 0o755 },
  );
  expect(await shop.scan(['docker:app:dev'], { PATH, ...elsewhere, NODE_OPTIONS: '' })).toMatchObject({
    code: 1,
  });
  for (const [name, value] of Object.entries(elsewhere)) {
    expect(shop.read('docker-env')).toMatch(new RegExp(`${name}=['"]?${value}`));
  }
  expect(await shop.scan(['docker:gone'], { PATH })).toMatchObject({
    code: 2,
    err: expect.stringMatching(/docker save "gone" ended with 1: no such image: gone/),
  });
});
