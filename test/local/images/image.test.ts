import { buildImage, packLayer } from '../../../local/images/image';
import { buildIndex } from '../../../local/images/image-index';
import { Layer } from '../../../local/images/layer';
import { digestOf } from '../../../src/core/text/sha256';

interface Manifest {
  readonly mediaType: string;
  readonly config: { readonly mediaType: string; readonly digest: string };
  readonly layers: readonly {
    readonly mediaType: string;
    readonly digest: string;
    readonly size: number;
    readonly urls?: string[];
  }[];
}

const FILES = new Layer().file('a', 'a');
const parse = <T>(bytes: Buffer) => JSON.parse(bytes.toString('utf8')) as T;

test('the manifest names config and layers by their digests', async () => {
  const image = await buildImage({ layers: [FILES] });
  const manifest = parse<Manifest>(image.bytes);
  const [config, layer] = image.blobs;

  expect(image.descriptor.digest).toBe(digestOf(image.bytes));
  expect(manifest.config.digest).toBe(digestOf(config.bytes));
  expect(manifest.layers).toEqual([
    expect.objectContaining({ digest: digestOf(layer.bytes), size: layer.bytes.length }),
  ]);
});

test('the config names what the layers unpack to', async () => {
  const image = await buildImage({ layers: [FILES], config: { User: '65532' } });

  expect(parse(image.blobs[0].bytes)).toMatchObject({
    os: 'linux',
    architecture: 'amd64',
    config: { User: '65532' },
    rootfs: { type: 'layers', diff_ids: [digestOf(await FILES.tar())] },
    history: [{ created_by: 'layer 0' }],
  });
});

test('the config can lie about what the layers unpack to', async () => {
  const image = await buildImage({ layers: [FILES], diffIds: ['sha256:forged'] });

  expect(parse(image.blobs[0].bytes)).toMatchObject({ rootfs: { diff_ids: ['sha256:forged'] } });
});

test('a layer can name other places to be fetched from', async () => {
  const image = await buildImage({
    layers: [{ ...(await packLayer(FILES)), urls: ['https://example.com'] }],
  });

  expect(parse<Manifest>(image.bytes).layers[0].urls).toEqual(['https://example.com']);
});

test('docker media types are used throughout when asked for', async () => {
  const image = await buildImage({ layers: [FILES], mediaTypes: 'docker' });
  const manifest = parse<Manifest>(image.bytes);

  expect([
    image.descriptor.mediaType,
    manifest.mediaType,
    manifest.config.mediaType,
    manifest.layers[0].mediaType,
  ]).toEqual([
    'application/vnd.docker.distribution.manifest.v2+json',
    'application/vnd.docker.distribution.manifest.v2+json',
    'application/vnd.docker.container.image.v1+json',
    'application/vnd.docker.image.rootfs.diff.tar.gzip',
  ]);
});

test('an index names its children by digest and platform', async () => {
  const platform = { os: 'linux', architecture: 'arm64', variant: 'v8' };
  const child = await buildImage({ layers: [], platform });

  expect(parse(buildIndex([child]).bytes)).toMatchObject({
    manifests: [{ digest: child.descriptor.digest, platform }],
  });
});
