import * as fc from 'fast-check';
import {
  holdsOnlyInToto,
  looksLikeAttestation,
  MediaType,
  readManifest,
} from '../../../src/core/image/manifest';
import { HOSTILE } from '../support/hostile';
import { storedImage } from '../support/reports';

const digest = (number: number) => `sha256:${String(number).padStart(64, '0')}`;
const descriptor = (mediaType: string, number = 1, more: object = {}) => ({
  mediaType,
  digest: digest(number),
  size: 1,
  ...more,
});
const CONFIG = descriptor(MediaType.ociConfig);
const LAYER = descriptor('application/vnd.oci.image.layer.v1.tar+gzip', 2);
const IMAGE = { schemaVersion: 2, mediaType: MediaType.ociManifest, config: CONFIG, layers: [LAYER] };
const CHILD = descriptor(MediaType.ociManifest, 3, { platform: { os: 'linux', architecture: 'amd64' } });

const read = (document: unknown, mediaType: string = MediaType.ociManifest) =>
  readManifest(typeof document === 'string' ? document : JSON.stringify(document), mediaType);
const readIndex = (manifests: unknown, more: object = {}) =>
  read({ schemaVersion: 2, manifests, ...more }, MediaType.ociIndex);

function stored(name: string) {
  const { manifest, mediaType } = storedImage(name);
  return read(manifest, mediaType);
}

describe('what was pushed', () => {
  test.each(['clean', 'scratch', 'canaries', 'duplicate-diff-ids', 'attested.linux-amd64'])(
    '%s is an image',
    name => {
      expect(stored(name).kind).toBe('image');
    },
  );

  test.each([
    ['attested', 2],
    ['decoy', 2],
    ['clean-and-vulnerable', 2],
  ])('%s is an index of %d', (name, count) => {
    const manifest = stored(name);
    expect(manifest.kind === 'index' && manifest.children).toHaveLength(count);
  });

  test('an attestation is an attachment where it says so in all of its layers', () => {
    expect(stored('attested.unknown-unknown').kind).toBe('attachment');
  });

  test('a Helm chart is no image (trivy calls its layout clean)', () => {
    expect(stored('helm-chart')).toEqual({
      kind: 'unscannable',
      why: 'it is an artifact of type application/vnd.cncf.helm.config.v1+json, not a container image',
    });
  });

  test.each([
    [
      'a signature of cosign',
      { ...IMAGE, layers: [descriptor('application/vnd.dev.cosign.simplesigning.v1+json')] },
      'application/vnd.dev.cosign.simplesigning.v1+json',
    ],
    [
      'a bundle of sigstore',
      { ...IMAGE, artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json' },
      'application/vnd.dev.sigstore.bundle.v0.3+json',
    ],
    [
      'a signature of notation',
      { ...IMAGE, config: descriptor('application/vnd.cncf.notary.signature') },
      'application/vnd.cncf.notary.signature',
    ],
    [
      'an SBOM',
      { ...IMAGE, layers: [descriptor('application/vnd.cyclonedx+json')] },
      'application/vnd.cyclonedx+json',
    ],
    ['what has a subject', { ...IMAGE, subject: descriptor(MediaType.ociManifest) }, MediaType.ociConfig],
    [
      'what has a subject that is nothing',
      { ...IMAGE, artifactType: 'application/x\u001b[31m', subject: null },
      'application/x',
    ],
  ])(
    '%s is an attachment: not scanned, and never trusted; and says what it is and of which image (rule 5.5, untrusted text)',
    (_, document, type) => {
      const { subject } = document as { subject?: { digest: string } };
      expect(read(document)).toEqual({ kind: 'attachment', type, subject: subject?.digest });
    },
  );

  test('one layer of a signature makes no attachment of an image', () => {
    expect(
      read({ ...IMAGE, layers: [LAYER, descriptor('application/vnd.dev.cosign.simplesigning.v1+json')] })
        .kind,
    ).toBe('unscannable');
  });

  test.each([
    [
      "Docker's",
      {
        ...IMAGE,
        mediaType: MediaType.dockerManifest,
        config: descriptor(MediaType.dockerConfig),
        layers: [descriptor('application/vnd.docker.image.rootfs.diff.tar.gzip')],
      },
      MediaType.dockerManifest,
    ],
    [
      'with zstd',
      { ...IMAGE, layers: [descriptor('application/vnd.oci.image.layer.v1.tar+zstd')] },
      MediaType.ociManifest,
    ],
    [
      'uncompressed',
      { ...IMAGE, layers: [descriptor('application/vnd.oci.image.layer.v1.tar')] },
      MediaType.ociManifest,
    ],
    ['that does not say its media type', { ...IMAGE, mediaType: undefined }, MediaType.ociManifest],
  ])('an image %s is one', (_, document, mediaType) => {
    expect(read(document, mediaType).kind).toBe('image');
  });

  test.each([
    ['no JSON', '<html>', MediaType.ociManifest],
    ['no object', '[]', MediaType.ociManifest],
    ['nothing', '', MediaType.ociManifest],
    ['no config', { ...IMAGE, config: undefined }, MediaType.ociManifest],
    ['no layers', { ...IMAGE, layers: undefined }, MediaType.ociManifest],
    ['layers that are null', { ...IMAGE, layers: null }, MediaType.ociManifest],
    ['a digest that is none', { ...IMAGE, layers: [{ ...LAYER, digest: 'latest' }] }, MediaType.ociManifest],
    [
      'a size below nothing',
      { ...IMAGE, layers: [{ ...LAYER, size: -1_000_000_000_000 }] },
      MediaType.ociManifest,
    ],
    [
      'a config of its own',
      { ...IMAGE, config: descriptor('application/vnd.example.config') },
      MediaType.ociManifest,
    ],
    [
      'a foreign layer',
      { ...IMAGE, layers: [descriptor('application/vnd.docker.image.rootfs.foreign.diff.tar.gzip')] },
      MediaType.ociManifest,
    ],
    [
      'an encrypted layer',
      { ...IMAGE, layers: [descriptor('application/vnd.oci.image.layer.v1.tar+gzip+encrypted')] },
      MediaType.ociManifest,
    ],
    [
      "Docker's first schema",
      { schemaVersion: 1, fsLayers: [] },
      'application/vnd.docker.distribution.manifest.v1+prettyjws',
    ],
    ['no media type', { ...IMAGE, mediaType: undefined }, ''],
  ])('with %s it cannot be scanned', (_, document, mediaType) => {
    expect(read(document, mediaType).kind).toBe('unscannable');
  });
});

describe('what one client takes for an image, another takes for something else (CVE-2021-41190)', () => {
  test.each([
    ['an image that is an index too', { ...IMAGE, manifests: [CHILD] }, MediaType.ociManifest],
    [
      'an index that is an image too',
      { ...IMAGE, mediaType: MediaType.ociIndex, manifests: [CHILD] },
      MediaType.ociIndex,
    ],
    ['an index with layers', { manifests: [CHILD], layers: [] }, MediaType.ociIndex],
    [
      'an image that calls itself an index',
      { ...IMAGE, mediaType: MediaType.ociIndex },
      MediaType.ociManifest,
    ],
    [
      'an index that calls itself an image',
      { mediaType: MediaType.ociManifest, manifests: [CHILD] },
      MediaType.ociIndex,
    ],
    ['layers by another name', { ...IMAGE, Layers: [LAYER] }, MediaType.ociManifest],
    ['layers by a name with a long s', { ...IMAGE, layerſ: [LAYER] }, MediaType.ociManifest],
    ['a config by another name', { ...IMAGE, CONFIG }, MediaType.ociManifest],
    ['a subject by another name', { ...IMAGE, Subject: CONFIG }, MediaType.ociManifest],
    [
      'urls by another name',
      { ...IMAGE, layers: [{ ...LAYER, URLs: ['https://example.com'] }] },
      MediaType.ociManifest,
    ],
    [
      'a platform by another name',
      { manifests: [{ ...CHILD, platform: { os: 'unknown', OS: 'linux', architecture: 'unknown' } }] },
      MediaType.ociIndex,
    ],
    ['layers twice', JSON.stringify(IMAGE).replace(/}$/, ',"layers":[]}'), MediaType.ociManifest],
  ])('%s is refused', (_, document, mediaType) => {
    expect(read(document, mediaType).kind).toBe('unscannable');
  });
});

describe('an index (rule 4.8, indexes)', () => {
  test('of 32 is read, of 33 is not', () => {
    const children = (count: number) =>
      Array.from({ length: count }, (_, at) => ({ ...CHILD, digest: digest(at) }));
    expect(readIndex(children(32)).kind).toBe('index');
    expect(readIndex(children(33))).toEqual({
      kind: 'unscannable',
      why: 'its index names 33 images, allowed: 32',
    });
  });

  test.each([MediaType.ociIndex, MediaType.dockerList])(
    'of another index (%s) is not followed',
    mediaType => {
      expect(readIndex([CHILD, descriptor(mediaType, 9)])).toEqual({
        kind: 'unscannable',
        why: `its index names another index, ${digest(9)}`,
      });
    },
  );

  test.each([[[]], [undefined], [null], [[{}]]])('of nothing (%j) cannot be scanned', manifests => {
    expect(readIndex(manifests).kind).toBe('unscannable');
  });

  test('with a subject is an attachment', () => {
    expect(readIndex([CHILD], { subject: CHILD })).toEqual({
      kind: 'attachment',
      type: MediaType.ociIndex,
      subject: CHILD.digest,
    });
  });
});

describe('an attestation is skipped only if it is one (rule 4.8, indexes)', () => {
  const {
    manifests: [image, attestation],
  } = storedImage('attested').manifest;
  const attested = storedImage('attested.unknown-unknown').manifest;

  test('as BuildKit pushes it', () => {
    expect([
      looksLikeAttestation(image),
      looksLikeAttestation(attestation),
      holdsOnlyInToto(JSON.stringify(attested)),
    ]).toEqual([false, true, true]);
  });

  test.each([
    ['another platform', { ...attestation, platform: { os: 'linux', architecture: 'unknown' } }],
    ['no platform', { ...attestation, platform: undefined }],
    ['no annotation', { ...attestation, annotations: undefined }],
    ['another annotation', { ...attestation, annotations: { 'vnd.docker.reference.type': 'image' } }],
  ])('not with %s', (_, child) => {
    expect(looksLikeAttestation(child)).toBe(false);
  });

  test.each([
    ['a layer that is a layer', { ...attested, layers: [...attested.layers, LAYER] }],
    ['no layers', { ...attested, layers: [] }],
    ['layers by another name too', { ...attested, Layers: [LAYER] }],
    ['an index at once', { ...attested, manifests: [CHILD] }],
  ])('not with %s', (_, manifest) => {
    expect(holdsOnlyInToto(JSON.stringify(manifest))).toBe(false);
  });

  test('not what is no JSON', () => {
    expect(holdsOnlyInToto('')).toBe(false);
  });
});

test.each(HOSTILE)(
  "a media type is the pusher's text, and is shown as one line: %j (rule 5.5, untrusted text)",
  hostile => {
    const manifests = [
      read({ ...IMAGE, mediaType: undefined }, hostile),
      read({ ...IMAGE, mediaType: hostile }),
      read({ ...IMAGE, config: descriptor(hostile) }),
      read({ ...IMAGE, layers: [descriptor(hostile)] }),
    ];
    for (const manifest of manifests) {
      expect(manifest.kind === 'unscannable' && manifest.why).toMatch(
        /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]{1,300}$/u,
      );
    }
  },
);

test('every document is classified, and nothing is thrown', () => {
  const document = fc.oneof(
    fc.json(),
    fc
      .record(
        { config: fc.anything(), layers: fc.anything(), manifests: fc.anything() },
        { requiredKeys: [] },
      )
      .map(each => JSON.stringify(each) ?? ''),
  );
  fc.assert(
    fc.property(document, fc.constantFrom(...Object.values(MediaType), ''), (text, mediaType) => {
      expect(readManifest(text, mediaType).kind).not.toBe('image');
    }),
    { numRuns: 100 },
  );
});
