import { KEY, OTHER, REGISTRY } from './crafted';
import {
  BUNDLE,
  bundleReferrer,
  bundleText,
  checkBundle,
  type RegistryQuestion,
} from '../../../src/core/signing/bundle';
import { PayloadType, type DsseEnvelope } from '../../../src/core/signing/dsse';
import { keyHint } from '../../../src/core/signing/verification-key';
import { IMAGE, minutes, NOW } from '../support/made';
import { bundle, claims, statement, statementClaims } from '../support/signing';

const QUESTION: RegistryQuestion = {
  image: IMAGE,
  keys: [KEY.verification],
  maxAgeSeconds: 86_400,
  now: NOW,
};
const OURS = bundle(KEY, statement(claims()));
const around = (dsseEnvelope: unknown) => bundleText(dsseEnvelope as DsseEnvelope, 'hint');

describe('a bundle of the registry', () => {
  test.each(REGISTRY.genuine)('%s: vouches for its image', (_, envelope) => {
    expect(checkBundle(around(envelope), QUESTION)).toMatchObject({
      ok: true,
      value: { image: IMAGE, verdict: 'PASS' },
    });
  });

  test.each(REGISTRY.forged)('%s: vouches for nothing', (_, envelope, _reason, error) => {
    expect(checkBundle(around(envelope), QUESTION)).toEqual({ ok: false, error });
  });

  test('answers with the claims that were signed', () => {
    expect(checkBundle(OURS, QUESTION)).toEqual({ ok: true, value: claims() });
  });

  test('with a claim that is not known vouches for nothing: it may take back what the others say (rule 5.8, the key signs only PASS)', () => {
    for (const unknown of [
      { validUntil: minutes(60).toISOString() },
      { only: 'test' },
      { verdict: 'PASS', Verdict: 'FAIL' },
    ]) {
      expect(
        checkBundle(bundle(KEY, statement({ ...claims(), ...unknown } as never)), QUESTION),
      ).toMatchObject({ ok: false, error: expect.stringMatching(/^it is no sign\/v1/) });
    }
  });

  test.each<[string, (document: any) => unknown]>([
    [
      'old bundle type',
      document => ({ ...document, mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.2' }),
    ],
    ['no bundle type', ({ mediaType: _, ...rest }) => rest],
    [
      'message signature',
      ({ mediaType, dsseEnvelope }) => ({
        mediaType,
        messageSignature: { signature: dsseEnvelope.signatures[0].sig },
      }),
    ],
    ['an envelope and no bundle', ({ dsseEnvelope }) => dsseEnvelope],
    ['a list', document => [document]],
    ['null', () => null],
  ])('%s: vouches for nothing', (_, change) => {
    expect(checkBundle(JSON.stringify(change(JSON.parse(OURS))), QUESTION)).toEqual({
      ok: false,
      error: 'it is no bundle v0.3 with a DSSE envelope',
    });
  });

  test.each(['', 'PASS', '{', `${OURS}x`, `\ufeff${OURS}`])('no JSON: %j', text => {
    expect(checkBundle(text, QUESTION)).toMatchObject({ ok: false });
  });

  test('what says more than a bundle must is read all the same', () => {
    expect(
      checkBundle(JSON.stringify({ ...JSON.parse(OURS), verificationMaterial: {}, x: 1 }), QUESTION),
    ).toMatchObject({ ok: true });
  });
});

describe('what is asked', () => {
  const ask = (changes: object) => checkBundle(OURS, { ...QUESTION, ...changes });

  test('no repository wanted', () => {
    expect(() => ask({ image: undefined })).toThrow();
  });

  test.each([undefined, NaN, null])('no max age wanted: %s', maxAgeSeconds => {
    expect(
      checkBundle(OURS, { ...QUESTION, maxAgeSeconds: maxAgeSeconds as number, now: minutes(1) }),
    ).toMatchObject({ ok: false, error: expect.stringContaining('it was judged') });
  });

  test('no pinned key', () => {
    expect(ask({ keys: [] })).toEqual({ ok: false, error: 'none of the pinned keys signed it' });
    expect(ask({ keys: [OTHER.verification] })).toEqual({
      ok: false,
      error: 'none of the pinned keys signed it',
    });
  });

  test('any of the pinned keys', () => {
    expect(ask({ keys: [OTHER.verification, KEY.verification] })).toMatchObject({ ok: true });
  });

  test.each<[number, number, boolean]>([
    [0, 60, true],
    [59, 60, true],
    [60, 60, true],
    [61, 60, false],
    [1, 0, false],
    [0, 0, true],
    [1e9, Infinity, true],
  ])('%i seconds after the verdict, with a max age of %i: %s', (after, maxAgeSeconds, passes) => {
    expect(ask({ maxAgeSeconds, now: new Date(NOW.getTime() + after * 1000) }).ok).toBe(passes);
  });

  test.each<[number, boolean]>([
    [1, true],
    [0, false],
    [-1, false],
  ])('a key that is accepted until %i minutes from now: %s', (count, passes) => {
    const checked = ask({ keys: [KEY.until(minutes(count))] });
    expect(checked).toMatchObject(
      passes
        ? { ok: true }
        : {
            ok: false,
            error: `the key ours was replaced, and accepted until ${minutes(count).toISOString()}`,
          },
    );
  });

  test('at no time at all', () => {
    expect(ask({ now: new Date(NaN) }).ok).toBe(false);
    expect(ask({ now: new Date(NaN), maxAgeSeconds: Infinity }).ok).toBe(false);
  });

  test('a key that is accepted until no time is not accepted', () => {
    expect(ask({ keys: [KEY.until(new Date(NaN))] })).toMatchObject({ ok: false });
  });

  test('a statement of the register will not do, though it says the same and more: it expires, and what lies in a registry does not (rule 5.8, the key signs only PASS)', () => {
    const ofRegister = KEY.envelope(statement(statementClaims()));
    expect(checkBundle(around(ofRegister), QUESTION)).toMatchObject({
      ok: false,
      error: expect.stringMatching(/^its payload is application\/vnd\.trusted-images\.statement\+json/),
    });
    expect(
      checkBundle(around({ ...ofRegister, payloadType: 'application/vnd.in-toto+json' }), QUESTION),
    ).toEqual({ ok: false, error: 'none of the pinned keys signed it' });
  });
});

test('a bundle as cosign 3 finds it, byte for byte', () => {
  const hint = keyHint(KEY.verification);
  const envelope = KEY.envelope(statement(claims()), PayloadType.inToto);
  const text =
    `{"mediaType":"${BUNDLE}","verificationMaterial":{"publicKey":{"hint":"${hint}"}},"dsseEnvelope":` +
    `{"payloadType":"application/vnd.in-toto+json","payload":"${envelope.payload}","signatures":[{"keyid":"","sig":"${envelope.signatures[0]!.sig}"}]}}`;
  expect(bundleText(envelope, hint)).toBe(text);
  const { manifest } = bundleReferrer(
    { mediaType: 'm', size: 7, digest: 'd', annotations: { x: 'y' } },
    text,
    'https://sigstore.dev/cosign/sign/v1',
    NOW.toISOString(),
  );
  expect(manifest).toContain(
    '"subject":{"mediaType":"m","size":7,"digest":"d"},"annotations":{"dev.sigstore.bundle.content":"dsse-envelope",' +
      `"dev.sigstore.bundle.predicateType":"https://sigstore.dev/cosign/sign/v1","org.opencontainers.image.created":"${NOW.toISOString()}"}}`,
  );
});
