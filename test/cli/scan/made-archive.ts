import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { zooImage, type ZooName } from '../../../local/images/zoo/zoo';

/** One header of a tar, with whatever is to be wrong in it. */
export interface Entry {
  readonly name: string;
  readonly content?: Buffer | string;
  /** The kind as it is written: `0` a file, `2` a symbolic link, `x` a pax header. */
  readonly kind?: string;
  readonly target?: string;
  readonly prefix?: string;
  readonly size?: number | string;
  readonly magic?: string;
}

export const END = Buffer.alloc(1024);

export function entry({
  name,
  content = '',
  kind = '0',
  target = '',
  prefix = '',
  size,
  magic = 'ustar\u000000',
}: Entry): Buffer {
  const body = Buffer.from(content);
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write('0000644\0', 100);
  header.write(
    typeof size === 'string' ? size : `${(size ?? body.length).toString(8).padStart(11, '0')}\0`,
    124,
    12,
    'latin1',
  );
  header.write(kind, 156);
  header.write(target, 157, 100);
  header.write(magic, 257, 8, 'latin1');
  header.write(prefix, 345, 155);
  header.fill(' ', 148, 156);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
    8,
  );
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

export function tar(...entries: readonly (Entry | Buffer)[]): Buffer {
  return Buffer.concat([...entries.map(each => (Buffer.isBuffer(each) ? each : entry(each))), END]);
}

/** `<length> <key>=<value>\n` */
export function pax(records: Readonly<Record<string, string>>, kind = 'x'): Entry {
  const content = Object.entries(records)
    .map(([key, value]) => {
      const rest = ` ${key}=${value}\n`;
      let length = rest.length;
      while (`${length}${rest}`.length !== length) length = `${length}${rest}`.length;
      return `${length}${rest}`;
    })
    .join('');
  return { name: 'pax', kind, content };
}

export interface Blob {
  readonly digest: string;
  readonly bytes: Buffer;
}

export const blobOf = (bytes: Buffer | string): Blob => ({
  digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
  bytes: Buffer.from(bytes),
});
export const pathOf = ({ digest }: Blob): string => `blobs/${digest.replace(':', '/')}`;
export const fileOf = (blob: Blob): Entry => ({ name: pathOf(blob), content: blob.bytes });

export interface SavedImage {
  readonly files: Entry[];
  readonly index: Entry;
  readonly manifest: Entry;
  readonly config: Blob;
  readonly layers: Blob[];
}

/**
 * An image of the zoo as it is saved. Docker with its own store writes layers as they are on its disk; others
 * as they came from a registry.
 */
export async function savedImage(name: ZooName, { unpacked = false } = {}): Promise<SavedImage> {
  const image = await zooImage(name);
  const [config, ...layers] = image.blobs.map(({ bytes }, at) =>
    blobOf(unpacked && at > 0 ? gunzipSync(bytes) : bytes),
  ) as [Blob, ...Blob[]];
  const described = ({ digest, bytes }: Blob, mediaType: string) => ({
    mediaType,
    digest,
    size: bytes.length,
  });
  const manifest = blobOf(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: described(config, 'application/vnd.oci.image.config.v1+json'),
      layers: layers.map(layer =>
        described(layer, `application/vnd.oci.image.layer.v1.tar${unpacked ? '' : '+gzip'}`),
      ),
    }),
  );
  const top = {
    ...described(manifest, 'application/vnd.oci.image.manifest.v1+json'),
    annotations: { 'io.containerd.image.name': 'docker.io/library/app:dev' },
  };
  return {
    config,
    layers,
    files: [
      { name: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' },
      ...[config, ...layers, manifest].map(fileOf),
    ],
    index: { name: 'index.json', content: JSON.stringify({ schemaVersion: 2, manifests: [top] }) },
    manifest: {
      name: 'manifest.json',
      content: JSON.stringify([
        { Config: pathOf(config), RepoTags: ['app:dev'], Layers: layers.map(pathOf) },
      ]),
    },
  };
}
