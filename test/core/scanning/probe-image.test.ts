import { untar } from '../../../adapters/oci/tar';
import { readManifest } from '../../../src/core/image/manifest';
import { PROBE_SYSTEM, probeImage } from '../../../src/core/scanning/probe-image';
import { digestOf } from '../../../src/core/text/sha256';

const image = probeImage();

test('it is the same image each time: it is pushed once, whoever probes', () => {
  expect(probeImage()).toEqual(image);
  expect(image.digest).toBe(digestOf(image.manifest));
});

test('dispatch would scan it: a manifest of an image, whose blobs are those that are pushed', () => {
  const manifest = readManifest(image.manifest, image.mediaType);
  expect(manifest).toMatchObject({ kind: 'image', config: { digest: image.configDigest } });
  const { config, layers } = JSON.parse(image.manifest);
  expect([config, ...layers].map(({ digest, size }) => [digest, size])).toEqual(
    image.blobs.map(blob => [digestOf(blob), Buffer.byteLength(blob)]),
  );
  expect(JSON.parse(image.blobs[0]!).rootfs.diff_ids).toEqual([digestOf(image.blobs[1]!)]);
});

test('its layer is a tar, as a strict reader has it, with the files of a system that Trivy knows', async () => {
  const files: Record<string, string> = {};
  async function* bytes() {
    yield Buffer.from(image.blobs[1]!);
  }
  for await (const { name, type, content } of untar(bytes())) {
    expect(type).toBe('file');
    const chunks: Buffer[] = [];
    for await (const chunk of content) chunks.push(chunk);
    files[name] = Buffer.concat(chunks).toString();
  }
  expect(files['etc/os-release']).toContain(`ID=${PROBE_SYSTEM}\n`);
  expect(Object.keys(files)).toContain('lib/apk/db/installed');
});
