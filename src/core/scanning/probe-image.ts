import { MediaType } from '../image/manifest';
import { digestOf } from '../text/sha256';

const BLOCK = 512;
const LAYER = 'application/vnd.oci.image.layer.v1.tar';

/** What Trivy must find in it. */
export const PROBE_SYSTEM = 'alpine';

/**
 * As Trivy knows an Alpine: a scan that says nothing of it has not read the image. Its release is never
 * scanned for anybody, so it need not be new.
 */
const FILES: Readonly<Record<string, string>> = {
  'etc/alpine-release': '3.22.0\n',
  'etc/os-release': 'ID=alpine\nVERSION_ID=3.22.0\n',
  'lib/apk/db/installed': 'P:musl\nV:1.2.5-r10\nA:x86_64\nL:MIT\n\n',
};

/** The image that a probe of the scanner pushes and scans: one layer, the same bytes each time. */
export interface ProbeImage {
  readonly mediaType: string;
  readonly manifest: string;
  readonly digest: string;
  readonly configDigest: string;
  readonly blobs: readonly string[];
  readonly tag: string;
}

export function probeImage(): ProbeImage {
  const layer = tarOf(FILES);
  const config = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
  });
  const descriptor = (mediaType: string, text: string) => ({
    mediaType,
    digest: digestOf(text),
    size: text.length,
  });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: MediaType.ociManifest,
    config: descriptor(MediaType.ociConfig, config),
    layers: [descriptor(LAYER, layer)],
  });
  const digest = digestOf(manifest);
  return {
    mediaType: MediaType.ociManifest,
    manifest,
    digest,
    configDigest: digestOf(config),
    blobs: [config, layer],
    tag: `probe-${digest.slice(-12)}`,
  };
}

/** All of it is ASCII, so that a text has as many characters as bytes. */
function tarOf(files: Readonly<Record<string, string>>): string {
  const entries = Object.entries(files).map(
    ([name, content]) =>
      header(name, content.length) + content.padEnd(Math.ceil(content.length / BLOCK) * BLOCK, '\0'),
  );
  return entries.join('') + '\0'.repeat(2 * BLOCK);
}

/** @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06 */
function header(name: string, size: number): string {
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  const before =
    name.padEnd(100, '\0') + octal(0o644, 7) + octal(0, 7) + octal(0, 7) + octal(size, 11) + octal(0, 11);
  const after = '0'.padEnd(101, '\0') + 'ustar\0' + '00';
  const sum = [...`${before}        ${after}`].reduce((all, each) => all + each.charCodeAt(0), 0);
  return `${before}${octal(sum, 6)} ${after}`.padEnd(BLOCK, '\0');
}
