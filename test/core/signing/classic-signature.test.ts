import {
  classicLayers,
  classicSignature,
  isClassicSignature,
  simpleSigning,
} from '../../../src/core/signing/classic-signature';
import { describe as descriptor, type Descriptor } from '../../../src/core/signing/oci-artefact';
import { digestOf } from '../../../src/core/text/sha256';
import { DIGEST, IMAGE, NOW } from '../support/made';
import { claims, LocalKey } from '../support/signing';

const KEY = new LocalKey('ours');
const OTHER = new LocalKey('other');
const TYPE = 'application/vnd.dev.cosign.simplesigning.v1+json';
const SIGNATURE = 'dev.cosignproject.cosign/signature';
const REPOSITORY = '000000000000.dkr.ecr.us-east-1.amazonaws.com/team/app';
const PAYLOAD =
  `{"critical":{"identity":{"docker-reference":"${REPOSITORY}"},"image":{"docker-manifest-digest":"${DIGEST}"},"type":"cosign container image signature"},` +
  `"optional":{"image":"${IMAGE}","repository":"${REPOSITORY}","verdict":"PASS","scanId":"01JDG000000000000000000001","policy":"${'f'.repeat(64)}","evaluatedAt":"${NOW.toISOString()}"}}`;

const signed = (payload: string, key = KEY): Descriptor =>
  descriptor(payload, TYPE, { [SIGNATURE]: key.sign(Buffer.from(payload)).toString('base64') });

describe('a classic signature, byte for byte', () => {
  test('what is signed: the repository, the digest, and what `cosign verify -a` reads', () => {
    expect(simpleSigning(claims())).toBe(PAYLOAD);
  });

  test("what is pushed: a layer a signature, beside the image's tag", () => {
    const { manifest, blobs, tag, mediaType } = classicSignature(
      claims(),
      [],
      PAYLOAD,
      Buffer.from('signature'),
    );
    const config = blobs[1]!;
    expect(mediaType).toBe('application/vnd.oci.image.manifest.v1+json');
    expect(tag).toBe(`sha256-${'a'.repeat(64)}.sig`);
    expect(blobs).toEqual([
      PAYLOAD,
      `{"architecture":"","created":"0001-01-01T00:00:00Z","history":[{"created":"0001-01-01T00:00:00Z"}],"os":"","rootfs":{"type":"layers","diff_ids":["${digestOf(PAYLOAD)}"]},"config":{}}`,
    ]);
    expect(manifest).toBe(
      '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",' +
        `"config":{"mediaType":"application/vnd.oci.image.config.v1+json","size":${config.length},"digest":"${digestOf(config)}"},` +
        `"layers":[{"mediaType":"${TYPE}","size":${PAYLOAD.length},"digest":"${digestOf(PAYLOAD)}","annotations":{"${SIGNATURE}":"c2lnbmF0dXJl"}}]}`,
    );
  });

  test('keeps the signatures of others before ours, as they are', () => {
    const others = [
      signed('1', OTHER),
      { ...signed('2', OTHER), annotations: { [SIGNATURE]: 'x', 'dev.sigstore.cosign/bundle': '{}' } },
    ];
    const { manifest, blobs } = classicSignature(claims(), others, PAYLOAD, Buffer.from('signature'));
    expect(JSON.parse(manifest).layers.slice(0, 2)).toEqual(others);
    expect(classicLayers(manifest)).toHaveLength(3);
    expect(classicLayers(manifest).slice(0, 2)).toEqual(others);
    expect(JSON.parse(blobs[1]!).rootfs.diff_ids).toEqual([
      ...others.map(({ digest }) => digest),
      digestOf(PAYLOAD),
    ]);
  });
});

describe('ours', () => {
  const isOurs = (layer: Descriptor, payload = PAYLOAD, key = KEY, of = claims()) =>
    isClassicSignature(layer, payload, key.verification, of);

  test('is known again, whatever was claimed of the image then', () => {
    expect(isOurs(signed(PAYLOAD))).toBe(true);
    expect(
      isOurs(
        signed(PAYLOAD),
        PAYLOAD,
        KEY,
        claims(IMAGE, { evaluatedAt: '2030-01-01T00:00:00Z', policy: 'x' }),
      ),
    ).toBe(true);
  });

  test.each<[string, Descriptor, string]>([
    ['another key', signed(PAYLOAD, OTHER), PAYLOAD],
    ['another payload', signed(PAYLOAD), PAYLOAD.replace('PASS', 'FAIL')],
    ['no signature', descriptor(PAYLOAD, TYPE, {}), PAYLOAD],
    ['no annotations', descriptor(PAYLOAD, TYPE), PAYLOAD],
    ['garbage for a signature', descriptor(PAYLOAD, TYPE, { [SIGNATURE]: '!' }), PAYLOAD],
  ])('is not what was signed with %s', (_, layer, payload) => {
    expect(isOurs(layer, payload)).toBe(false);
  });

  test.each<[string, string]>([
    ['another repository', PAYLOAD.replace('team/app', 'team/b')],
    ['a repository with a tag', PAYLOAD.replace('team/app', 'team/app:v1')],
    ['another digest', PAYLOAD.replace(DIGEST, `sha256:${'b'.repeat(64)}`)],
    ['another type', PAYLOAD.replace('cosign container image signature', 'atomic container signature')],
    ['more in its identity', PAYLOAD.replace('"docker-reference"', '"x":1,"docker-reference"')],
    ['no repository', PAYLOAD.replace(`"docker-reference":"${REPOSITORY}"`, '')],
    ['nothing critical', '{"optional":{}}'],
    ['text', 'PASS'],
    ['nothing', ''],
  ])('is not what the key signed about %s', (_, payload) => {
    expect(isOurs(signed(payload), payload)).toBe(false);
  });
});

describe('the signatures that are there already', () => {
  const layer = signed(PAYLOAD);
  const manifest = (layers: unknown) => JSON.stringify({ schemaVersion: 2, layers });

  test('are all that cosign could have written', () => {
    expect(classicLayers(manifest([layer]))).toEqual([layer]);
    expect(classicLayers(manifest([]))).toEqual([]);
  });

  test.each<[string, string | undefined]>([
    ['no manifest', undefined],
    ['nothing', ''],
    ['text', 'x'],
    ['null', 'null'],
    ['a list', '[]'],
    ['no layers', '{}'],
    ['an index', '{"manifests":[]}'],
    ['layers that are no list', manifest({ 0: layer })],
    [
      'a layer of another type',
      manifest([layer, { ...layer, mediaType: 'application/vnd.dsse.envelope.v1+json' }]),
    ],
    ['a layer without annotations', manifest([{ ...layer, annotations: undefined }])],
    ['an annotation that is no text', manifest([{ ...layer, annotations: { [SIGNATURE]: 1 } }])],
    ['a digest that is none', manifest([{ ...layer, digest: '../../x' }])],
    ['a size that is none', manifest([{ ...layer, size: 'x' }])],
    ['__proto__', '{"__proto__":{"layers":[]}}'],
  ])('%s: none', (_, text) => {
    expect(classicLayers(text)).toEqual([]);
  });

  test.each([1, 19, 20, 100])('%i of others: ours does not take the place of them all', count => {
    const others = Array.from({ length: count }, (_, at) => signed(`{"critical":${at}}`, OTHER));
    expect(classicLayers(manifest(others))).not.toEqual([]);
  });
});
