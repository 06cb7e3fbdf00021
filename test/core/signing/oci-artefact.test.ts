import { createHash } from 'node:crypto';
import {
  classicTag,
  describe as descriptor,
  referrer,
  taggedArtefact,
} from '../../../src/core/signing/oci-artefact';
import { digestOf } from '../../../src/core/text/sha256';
import { DIGEST } from '../support/made';

const sha256 = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

describe('what refers to an image, byte for byte', () => {
  const TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
  const artefact = referrer(
    { mediaType: MANIFEST, size: 7, digest: DIGEST, annotations: { x: 'y' } },
    TYPE,
    '{"漢":1}',
    { a: 'b' },
  );

  test('its manifest: an empty config, one layer, its subject', () => {
    expect(artefact.manifest).toBe(
      `{"schemaVersion":2,"mediaType":"${MANIFEST}","artifactType":"${TYPE}",` +
        '"config":{"mediaType":"application/vnd.oci.empty.v1+json","size":2,"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"},' +
        `"layers":[{"mediaType":"${TYPE}","size":9,"digest":"${sha256('{"漢":1}')}"}],` +
        `"subject":{"mediaType":"${MANIFEST}","size":7,"digest":"${DIGEST}"},"annotations":{"a":"b"}}`,
    );
  });

  test('its blobs, and no tag', () => {
    expect(artefact).toEqual({ mediaType: MANIFEST, manifest: artefact.manifest, blobs: ['{"漢":1}', '{}'] });
  });
});

describe('what has a tag beside the image, byte for byte', () => {
  const layers = [descriptor('1', 't', { a: 'b' }), descriptor('2', 't')];
  const config =
    '{"architecture":"","created":"0001-01-01T00:00:00Z","history":[{"created":"0001-01-01T00:00:00Z"},{"created":"0001-01-01T00:00:00Z"}],"os":"",' +
    `"rootfs":{"type":"layers","diff_ids":["${sha256('1')}","${sha256('2')}"]},"config":{}}`;

  test('its manifest and config: the shape of an image', () => {
    expect(taggedArtefact('tag', layers, ['1'])).toEqual({
      mediaType: MANIFEST,
      tag: 'tag',
      blobs: ['1', config],
      manifest:
        `{"schemaVersion":2,"mediaType":"${MANIFEST}","config":{"mediaType":"application/vnd.oci.image.config.v1+json","size":${config.length},"digest":"${sha256(config)}"},` +
        `"layers":[{"mediaType":"t","size":1,"digest":"${sha256('1')}","annotations":{"a":"b"}},{"mediaType":"t","size":1,"digest":"${sha256('2')}"}]}`,
    });
  });

  test.each(['sig', 'att'] as const)('the tag of a .%s', kind => {
    expect(classicTag(DIGEST, kind)).toBe(`sha256-${'a'.repeat(64)}.${kind}`);
  });
});

test('a digest is that of the bytes', () => {
  expect(digestOf('{}')).toBe('sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  expect(digestOf(Buffer.from('漢'))).toBe(digestOf('漢'));
});
