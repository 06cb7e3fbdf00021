import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  blobOf,
  END,
  entry,
  fileOf,
  pathOf,
  pax,
  savedImage,
  tar,
  type Entry,
  type SavedImage,
} from './made-archive';
import { unpackArchive } from '../../../adapters/oci/archive';
import { LayoutSource } from '../../../adapters/oci/layout';
import { readImage } from '../../../adapters/programs/image-reader';
import { Limit } from '../../../src/core/limits';
import { platformImages } from '../../../use-cases/image-scan/platform-images';

const folder = mkdtempSync(join(tmpdir(), 'hostile-archive-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;

/** The config of the image that is scanned, or why there is none. */
async function scanned(archive: Buffer): Promise<string> {
  const file = join(folder, `${++count}.tar`);
  writeFileSync(file, archive);
  const layout = join(folder, `${count}`);
  mkdirSync(layout);
  const problem = await unpackArchive(file, layout, 'it').then(
    () => undefined,
    (error: Error) => error.message,
  );
  return problem ?? read(layout);
}

/** The config of the image in a layout, or why nobody reads it. */
async function read(layout: string): Promise<string> {
  try {
    const source = await LayoutSource.open(layout, 'it');
    const content = await platformImages(source);
    if (!content.ok) return content.error;
    const { image } = content.value.platforms[0]!;
    if (!image.ok) return image.error;
    const {
      descriptor: { digest },
      config,
    } = image.value;
    const form = await readImage({
      digest,
      layout: await source.layoutOf(),
      out: join(mkdtempSync(join(folder, 'form-')), 'out'),
      scratch: folder,
      seconds: 60,
    });
    return form.ok ? config.digest : form.error.detail;
  } catch (error) {
    return (error as Error).message;
  }
}

/** What two images share stands in an archive once. */
const distinct = (...entries: readonly Entry[]) => [
  ...new Map(entries.map(each => [each.name, each])).values(),
];

let good: SavedImage;
let bad: SavedImage;
beforeAll(async () => {
  [good, bad] = await Promise.all([savedImage('clean'), savedImage('fixable-critical')]);
});

describe('what is saved honestly is read', () => {
  test.each([
    ['Docker with its own store', true],
    ['containerd, buildx', false],
  ])('by %s: layout and manifest.json', async (_, unpacked) => {
    const { files, index, manifest, config } = await savedImage('fixable-critical', { unpacked });
    expect(await scanned(tar(...files, index, manifest))).toBe(config.digest);
    expect(
      await scanned(
        tar(
          { name: 'blobs/', kind: '5' },
          { name: 'blobs/sha256/', kind: '5' },
          ...files.map(each => ({ ...each, name: `./${each.name}` })),
          manifest,
          index,
        ),
      ),
    ).toBe(config.digest);
  });

  test('Docker adds what older versions read', async () => {
    const { files, index, manifest, config, layers } = await savedImage('clean', { unpacked: true });
    const [image] = JSON.parse(String(manifest.content));
    const LayerSources = Object.fromEntries(
      layers.map(({ digest, bytes }) => [
        digest,
        { mediaType: 'application/vnd.oci.image.layer.v1.tar', size: bytes.length, digest },
      ]),
    );
    expect(
      await scanned(
        tar(
          ...files,
          index,
          { ...manifest, content: JSON.stringify([{ ...image, LayerSources }]) },
          { name: 'repositories', content: '{"app":{"dev":"x"}}' },
        ),
      ),
    ).toBe(config.digest);
  });

  test('by skopeo and podman: a link beside each layer', async () => {
    const { config, layers } = await savedImage('clean', { unpacked: true });
    const hex = ({ digest }: { digest: string }) => digest.slice(7);
    const links = layers.flatMap((layer, at): Entry[] => {
      const id = String(at).repeat(64);
      return [
        { name: `${id}/layer.tar`, kind: '2', target: `../${hex(layer)}.tar` },
        { name: `${id}/VERSION`, content: '1.0' },
        { name: `${id}/json`, content: '{}' },
      ];
    });
    const manifest = JSON.stringify([
      { Config: `${hex(config)}.json`, RepoTags: [], Layers: layers.map(layer => `${hex(layer)}.tar`) },
    ]);
    const archive = tar(
      ...layers.map(layer => ({ name: `${hex(layer)}.tar`, content: layer.bytes })),
      { name: `${hex(config)}.json`, content: config.bytes },
      ...links,
      { name: 'manifest.json', content: manifest },
    );
    expect(await scanned(archive)).toBe(config.digest);
  });

  test.each([
    ['crane', (hex: string) => `sha256:${hex}`, (hex: string) => `${hex}.tar.gz`],
    ['Bazel', (hex: string) => `blobs/sha256/${hex}`, (hex: string) => `blobs/sha256/${hex}.tar.gz`],
    ['Jib', () => 'config.json', (hex: string) => `${hex}.tar.gz`],
  ])(
    'by %s: manifest.json alone, layers as in a registry, each by the media type that its first bytes say',
    async (_, configName, layerName) => {
      const { config, layers } = good;
      const named = layers.map(({ digest, bytes }) => ({ name: layerName(digest.slice(7)), content: bytes }));
      const Config = configName(config.digest.slice(7));
      const manifest = JSON.stringify([{ Config, Layers: named.map(({ name }) => name) }]);
      expect(
        await scanned(
          tar({ name: Config, content: config.bytes }, ...named, {
            name: 'manifest.json',
            content: manifest,
          }),
        ),
      ).toBe(config.digest);
      const source = await LayoutSource.open(join(folder, String(count)), 'it');
      expect(JSON.parse(await source.manifest(source.top)).layers).toEqual(
        layers.map(({ digest, bytes }) => ({
          mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
          digest,
          size: bytes.length,
        })),
      );
    },
  );

  test('by an index: one of its images is the one of manifest.json', async () => {
    const manifests = [good, bad].map(({ index }) => JSON.parse(String(index.content)).manifests[0]);
    const list = blobOf(
      JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests }),
    );
    const top = {
      mediaType: 'application/vnd.oci.image.index.v1+json',
      digest: list.digest,
      size: list.bytes.length,
    };
    const index = {
      name: 'index.json',
      content: JSON.stringify({
        schemaVersion: 2,
        manifests: [top, { ...top, annotations: { 'org.opencontainers.image.ref.name': 'v2' } }],
      }),
    };
    expect(
      await scanned(tar(...distinct(...good.files, ...bad.files), fileOf(list), index, bad.manifest)),
    ).toBe(good.config.digest);
    const third = await savedImage('root');
    expect(
      await scanned(
        tar(...distinct(...good.files, ...bad.files, ...third.files), fileOf(list), index, third.manifest),
      ),
    ).toMatch(/^it is two images: its manifest\.json names the config /);
  });
});

describe('an archive that is one image to us and another to what loads it is refused', () => {
  const both = () => distinct(...good.files, ...bad.files);
  const SPLIT = '8'.repeat(64);

  test('manifest.json names another image than index.json', async () => {
    for (const files of [
      [good.index, bad.manifest],
      [bad.manifest, good.index],
    ]) {
      expect(await scanned(tar(...both(), ...files))).toBe(
        `it is two images: its manifest.json names the config ${bad.config.digest} with ${bad.layers.length} layers, and its index.json does not; save the image again`,
      );
    }
  });

  test.each<[string, (named: { Config: string; Layers: string[] }) => object[], RegExp]>([
    ['another config', named => [{ ...named, Config: pathOf(bad.config) }], /is two images/],
    ['another layer', named => [{ ...named, Layers: bad.layers.map(pathOf) }], /is two images/],
    ['a layer less', named => [{ ...named, Layers: named.Layers.slice(1) }], /is two images/],
    [
      'other layers by a name of before',
      named => [{ ...named, Layers: [`${SPLIT}/layer.tar`, ...named.Layers.slice(1)] }],
      /is two images/,
    ],
    ['two images', named => [named, named], /holds 2 images, allowed: 1/],
    ['none', () => [], /holds 0 images/],
    [
      'an image that is not there',
      named => [{ ...named, Layers: ['other/layer.tar'] }],
      /is not whole: "other\/layer\.tar" is not in it/,
    ],
    [
      'the config in two spellings',
      named => [{ ...named, config: pathOf(bad.config) }],
      /its manifest\.json cannot be read/,
    ],
  ])('manifest.json names %s', async (_, change, why) => {
    const [named] = JSON.parse(String(good.manifest.content));
    const split = { name: `${SPLIT}/layer.tar`, content: bad.layers.at(-1)!.bytes };
    expect(
      await scanned(
        tar(...both(), split, good.index, { name: 'manifest.json', content: JSON.stringify(change(named)) }),
      ),
    ).toMatch(why);
  });

  test('index.json that two readers read in two ways', async () => {
    const [other] = JSON.parse(String(bad.index.content)).manifests;
    const text = String(good.index.content);
    expect(
      await scanned(
        tar(...both(), {
          name: 'index.json',
          content: text.replace('"manifests"', `"Manifests":${JSON.stringify([other])},"manifests"`),
        }),
      ),
    ).toMatch(/can be read in more than one way/);
    expect(
      await scanned(
        tar(...both(), {
          name: 'index.json',
          content: text.replace('"manifests"', `"manifests":${JSON.stringify([other])},"manifests"`),
        }),
      ),
    ).toMatch(/can be read in more than one way/);
  });

  test.each<[string, () => (Entry | Buffer)[], RegExp]>([
    ['index.json twice', () => [good.index, bad.index], /it has "index\.json" twice/],
    [
      'index.json twice, by another way',
      () => [good.index, { ...bad.index, name: 'x/../index.json' }],
      /twice/,
    ],
    ['index.json twice, from the root', () => [good.index, { ...bad.index, name: '/./index.json' }], /twice/],
    ['index.json twice, from above', () => [good.index, { ...bad.index, name: '../index.json' }], /twice/],
    [
      'manifest.json as INDEX.JSON is index.json',
      () => [good.index, { ...bad.index, name: 'INDEX.JSON' }],
      /"INDEX\.JSON", which is "index\.json" on some machines/,
    ],
    ['a long s', () => [good.index, { ...bad.manifest, name: 'manife\u017ft.json' }], /on some machines/],
    ['a blob twice', () => [good.index, { ...fileOf(good.config), content: bad.config.bytes }], /twice/],
    [
      'a blob in capitals',
      () => [good.index, { name: pathOf(good.config).toUpperCase() }],
      /on some machines/,
    ],
    [
      'manifest.json as a symbolic link',
      () => [
        good.index,
        { name: 'other', content: bad.manifest.content },
        { name: 'manifest.json', kind: '2', target: 'other' },
      ],
      /"manifest\.json" is a symlink in it, allowed: a file/,
    ],
    [
      'manifest.json as a hard link',
      () => [
        good.index,
        { name: 'other', content: bad.manifest.content },
        { name: 'manifest.json', kind: '1', target: 'other' },
      ],
      /"manifest\.json" is a link in it/,
    ],
    [
      'index.json as a folder',
      () => [{ name: 'index.json/', kind: '5' }, bad.manifest],
      /"index\.json" is a folder in it/,
    ],
    [
      'blobs as a link to a folder',
      () => [good.index, { name: 'blobs', kind: '2', target: 'other' }],
      /twice/,
    ],
    ['blobs as a link, before', () => [good.index], /a folder in it, and something else too/],
    [
      'a manifest that hides in a link',
      () => [good.index, { name: 'x', kind: '2', target: 'y', content: tar(bad.manifest) }],
      /it has a symlink with \d+ bytes of content/,
    ],
    [
      'a manifest that hides in a folder',
      () => [good.index, { name: 'x/', kind: '5', content: tar(bad.manifest) }],
      /it has a folder with \d+ bytes of content/,
    ],
    ['a manifest behind the end', () => [good.index, END, bad.manifest], /it goes on after its end/],
    [
      'a manifest behind one empty block',
      () => [good.index, Buffer.alloc(512), bad.manifest],
      /it goes on after its end/,
    ],
    [
      'a global pax header',
      () => [pax({ path: 'junk' }, 'g'), good.index, pax({ mtime: '1' }), bad.manifest],
      /an entry of the kind "g"/,
    ],
    [
      'a pax name beside a GNU name',
      () => [
        good.index,
        { name: 'x', kind: 'L', content: 'manifest.json\0' },
        pax({ path: 'junk' }),
        { ...bad.manifest, name: 'junk' },
      ],
      /two long names for one entry/,
    ],
    [
      'a GNU name of before 1990',
      () => [good.index, { name: 'x', kind: 'N', content: 'junk\0' }, bad.manifest],
      /an entry of the kind "N"/,
    ],
    ['a GNU sparse file', () => [good.index, { ...bad.manifest, kind: 'S' }], /an entry of the kind "S"/],
    [
      'a pax sparse file',
      () => [good.index, pax({ 'GNU.sparse.name': 'manifest.json' }), { ...bad.manifest, name: 'junk' }],
      /GNU\.sparse\.name/,
    ],
    ['a contiguous file', () => [good.index, { ...bad.manifest, kind: '7' }], /an entry of the kind "7"/],
    [
      'a file with the name of a folder',
      () => [good.index, { ...bad.manifest, name: 'manifest.json/' }],
      /a file with the name of a folder/,
    ],
    [
      'a pax size that is no number',
      () => [good.index, pax({ size: '1e3' }), bad.manifest],
      /an invalid number/,
    ],
    [
      'a pax name without end',
      () => [good.index, pax({ path: 'junk\0manifest.json' }), bad.manifest],
      /a pax header that readers read in two ways: path/,
    ],
    [
      'a size that is no number',
      () => [good.index, { ...bad.manifest, size: '0000000010 1' }],
      /an invalid number/,
    ],
    [
      'a size below zero',
      () => [
        good.index,
        { ...bad.manifest, size: '\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff' },
      ],
      /a number that is too large/,
    ],
    [
      'a header of an unknown form',
      () => [good.index, { ...bad.manifest, magic: '' }],
      /of an unknown format/,
    ],
    [
      'an image of before 2016',
      () => [
        good.index,
        { name: `${SPLIT}/json`, content: '{}' },
        { name: `${SPLIT}/layer.tar`, content: bad.layers[0]!.bytes },
      ],
      /in the form of before 2016/,
    ],
    [
      'repositories of before 2016',
      () => [good.index, { name: 'repositories', content: '{}' }],
      /in the form of before 2016/,
    ],
  ])('%s', async (name, entries, why) => {
    const first: Entry[] =
      name === 'blobs as a link, before' ? [{ name: 'blobs', kind: '2', target: 'other' }] : [];
    expect(await scanned(tar(...first, ...both(), ...entries()))).toMatch(why);
  });

  test('a pax name is the name', async () => {
    const file = (blob: typeof good.config) => [
      pax({ path: pathOf(blob), size: String(blob.bytes.length) }),
      { name: 'junk', content: blob.bytes },
    ];
    const [layout, , ...rest] = good.files;
    expect(await scanned(tar(layout!, ...file(good.config), ...rest, good.index))).toBe(good.config.digest);
    expect(
      await scanned(
        tar(...both(), good.index, pax({ path: 'manifest.json' }), { ...bad.manifest, name: 'junk' }),
      ),
    ).toMatch(/is two images/);
    expect(
      await scanned(
        tar(
          ...both(),
          good.index,
          { name: '././@LongLink', kind: 'L', content: 'manifest.json\0', magic: 'ustar  \0' },
          { ...bad.manifest, name: 'junk' },
        ),
      ),
    ).toMatch(/is two images/);
  });

  test.each([
    ['zstd', Buffer.from('28b52ffd', 'hex')],
    ['zstd', Buffer.from('502a4d18', 'hex')],
    ['zstd', Buffer.from('5f2a4d18', 'hex')],
    ['bzip2', Buffer.from('BZh9')],
    ['xz', Buffer.from('fd377a585a00', 'hex')],
  ])('a tar that is %s to others, by its first bytes', async (compression, start) => {
    const name = entry({ name: 'placeholder' });
    start.copy(name);
    name.fill(' ', 148, 156);
    name.write(
      `${name
        .subarray(0, 512)
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
      8,
    );
    expect(await scanned(tar(name, ...good.files, good.index))).toMatch(
      new RegExp(`it is compressed by ${compression}, allowed: gzip`),
    );
  });

  test('a layer that is tar and zstd at once gets the media type that Docker takes it for', async () => {
    const layer = Buffer.concat([Buffer.from('502a4d1804000000', 'hex'), Buffer.alloc(4)]);
    const archive = tar(
      { name: 'config.json', content: good.config.bytes },
      { name: `${SPLIT}/layer.tar`, content: layer },
      {
        name: 'manifest.json',
        content: JSON.stringify([{ Config: 'config.json', Layers: [`${SPLIT}/layer.tar`] }]),
      },
    );
    await scanned(archive);
    const source = await LayoutSource.open(join(folder, String(count)), 'it');
    expect(JSON.parse(await source.manifest(source.top)).layers[0].mediaType).toBe(
      'application/vnd.oci.image.layer.v1.tar+zstd',
    );
  });
});

describe('an archive that is too much', () => {
  test('zipped twice is no tar', async () => {
    expect(await scanned(gzipSync(gzipSync(tar(...good.files, good.index))))).toMatch(
      /cannot be read as a tar/,
    );
    expect(await scanned(gzipSync(tar(...good.files, good.index)))).toBe(good.config.digest);
  });

  test('a file that says it has a terabyte', async () => {
    expect(
      await scanned(
        Buffer.concat([
          entry({ name: 'junk', size: '\u0080\0\0\0\0\0\u0001\0\0\0\0\0' }),
          Buffer.alloc(4096),
        ]),
      ),
    ).toMatch(/it ends in the middle of an entry/);
  });

  test('more entries than any image has', async () => {
    expect(await scanned(tar(...Array.from({ length: 10_001 }, (_, at) => ({ name: `f${at}` }))))).toMatch(
      /more than 10000 files/,
    );
  });

  test('an index.json and a manifest.json that are too large are not read', async () => {
    const large = ' '.repeat(Limit.manifestBytes + 1);
    expect(
      await scanned(tar(...good.files, { ...good.index, content: `${String(good.index.content)}${large}` })),
    ).toMatch(/its index\.json cannot be read/);
    expect(
      await scanned(
        tar(...good.files, good.index, {
          ...good.manifest,
          content: `${String(good.manifest.content)}${large}`,
        }),
      ),
    ).toMatch(/its manifest\.json cannot be read/);
  });
});

describe('a layout folder', () => {
  let layout: string;
  const open = async () => platformImages(await LayoutSource.open(layout, 'it'));
  const put = (name: string, content: Buffer | string) => writeFileSync(join(layout, name), content);

  beforeEach(() => {
    layout = join(folder, `layout-${++count}`);
    mkdirSync(join(layout, 'blobs', 'sha256'), { recursive: true });
    for (const { name, content } of [...good.files, good.index]) put(name, content as Buffer);
  });

  test.each(['index.json', () => pathOf(good.config), () => pathOf(good.layers[0]!)])(
    'a pipe in place of a file is no file, and nobody waits for it',
    async which => {
      const name = typeof which === 'string' ? which : which();
      rmSync(join(layout, name));
      execFileSync('mkfifo', [join(layout, name)]);
      expect(await read(layout)).toMatch(/no index\.json that can be read|is not there|is no regular file/);
    },
  );

  test('nor is a device', async () => {
    rmSync(join(layout, 'index.json'));
    symlinkSync('/dev/zero', join(layout, 'index.json'));
    await expect(open()).rejects.toThrow('no index.json that can be read');
  });

  test('Bazel writes links to files: what is read is compared with its digest', async () => {
    const [layer] = good.layers;
    const elsewhere = join(folder, `elsewhere-${count}`);
    writeFileSync(elsewhere, layer!.bytes);
    rmSync(join(layout, pathOf(layer!)));
    symlinkSync(elsewhere, join(layout, pathOf(layer!)));
    expect(await read(layout)).toBe(good.config.digest);
    writeFileSync(elsewhere, Buffer.alloc(layer!.bytes.length));
    expect(await read(layout)).toMatch(/^layer 1 \(sha256:/);
  });

  test('a manifest of a gigabyte is refused by its size, before anything is read', async () => {
    const { digest } = JSON.parse(String(good.index.content)).manifests[0];
    const file = join(layout, 'blobs', ...digest.split(':'));
    execFileSync('truncate', ['-s', '1G', file]);
    const before = process.memoryUsage().rss;
    await expect(open()).rejects.toThrow('is not what its digest says');
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
    const top = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size: 2 ** 30 };
    put('index.json', JSON.stringify({ manifests: [top] }));
    await expect(open()).rejects.toThrow(`has ${2 ** 30} bytes, allowed: ${Limit.manifestBytes}`);
  });

  test('an index.json of a gigabyte too', async () => {
    execFileSync('truncate', ['-s', '1G', join(layout, 'index.json')]);
    await expect(open()).rejects.toThrow('its index.json cannot be read');
  });
});
