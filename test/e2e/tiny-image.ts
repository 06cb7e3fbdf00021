import { createHash } from 'node:crypto';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

/** As small as an image can be: what is in it does not matter, only that the registry takes it. */
export interface TinyImage {
  readonly blobs: readonly Buffer[];
  readonly manifest: string;
  readonly digest: string;
}

export function tinyImage(content: string, extra: object = {}): TinyImage {
  const config = Buffer.from(
    JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] } }),
  );
  const layer = Buffer.from(content);
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: descriptor('application/vnd.oci.image.config.v1+json', config),
    layers: [descriptor('application/vnd.oci.image.layer.v1.tar', layer)],
    ...extra,
  });
  return { blobs: [config, layer], manifest, digest: digestOf(Buffer.from(manifest)) };
}

export function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Over the registry's protocol, as `docker push` does. Resolves to the answer to the manifest. */
export async function pushTinyImage(
  endpoint: string,
  repository: string,
  reference: string,
  image: TinyImage,
  login: Readonly<Record<string, string>> = {},
): Promise<Response> {
  for (const blob of image.blobs) {
    const session = await fetch(`${endpoint}/v2/${repository}/blobs/uploads/`, {
      method: 'POST',
      headers: login,
    });
    const location = new URL(session.headers.get('location')!, endpoint);
    location.searchParams.set('digest', digestOf(blob));
    await fetch(location, { method: 'PUT', body: new Uint8Array(blob), headers: login });
  }
  return fetch(`${endpoint}/v2/${repository}/manifests/${reference}`, {
    method: 'PUT',
    body: image.manifest,
    headers: { 'content-type': MANIFEST, ...login },
  });
}

function descriptor(mediaType: string, bytes: Buffer): object {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}
