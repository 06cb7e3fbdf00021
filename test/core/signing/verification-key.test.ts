import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { isSignedBy, keyHint, readVerificationKey } from '../../../src/core/signing/verification-key';
import { LocalKey } from '../support/signing';

const KEY = new LocalKey('ours');
const pem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }) as string;
const der = (key: KeyObject) => key.export({ type: 'spki', format: 'der' });
const ofCurve = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).publicKey;

/** RFC 6979, A.2.5: P-256, SHA-256, the message "sample". */
const VECTOR = createPublicKey({
  format: 'jwk',
  key: {
    kty: 'EC',
    crv: 'P-256',
    x: Buffer.from('60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6', 'hex').toString(
      'base64url',
    ),
    y: Buffer.from('7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299', 'hex').toString(
      'base64url',
    ),
  },
});
const R = 'EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716';
const S = 'F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8';

describe('a key that is pinned', () => {
  test('is read from PEM and from the DER that KMS answers, alike', () => {
    const until = new Date(0);
    const [fromPem, fromDer] = [
      readVerificationKey('a', pem(VECTOR)),
      readVerificationKey('a', der(VECTOR), until),
    ];
    expect(fromPem.ok && fromPem.value.publicKey.equals(VECTOR)).toBe(true);
    expect(fromDer.ok && fromDer.value.publicKey.equals(VECTOR)).toBe(true);
    expect(fromPem.ok && fromPem.value).not.toHaveProperty('acceptedUntil');
    expect(fromDer).toMatchObject({ value: { name: 'a', acceptedUntil: until } });
  });

  test.each<[string, KeyObject]>([
    ['secp384r1', ofCurve('P-384')],
    ['secp521r1', ofCurve('P-521')],
    ['secp256k1', ofCurve('secp256k1')],
    ['rsa', generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey],
    ['rsa-pss', generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey],
    ['ed25519', generateKeyPairSync('ed25519').publicKey],
    ['x25519', generateKeyPairSync('x25519').publicKey],
  ])('of the kind %s is refused: the algorithm is pinned with the key', (kind, key) => {
    const error = `the key a is of the kind ${kind}, allowed: ECDSA on P-256 (ECC_NIST_P256)`;
    expect(readVerificationKey('a', pem(key))).toEqual({ ok: false, error });
    expect(readVerificationKey('a', der(key))).toEqual({ ok: false, error });
  });

  test.each<[string, string | Uint8Array]>([
    ['nothing', ''],
    ['no bytes', new Uint8Array()],
    ['text', 'cosign.pub'],
    ['garbage', Buffer.alloc(91, 7)],
    ['half a key', der(VECTOR).subarray(0, 50)],
    ['PEM with garbage in it', '-----BEGIN PUBLIC KEY-----\nMFkwEw==\n-----END PUBLIC KEY-----\n'],
    ['DER as PEM', der(VECTOR).toString('base64')],
    ['a point that is not on the curve', Buffer.concat([der(VECTOR).subarray(0, -1), Buffer.from([0])])],
  ])('%s is none', (_, spki) => {
    expect(readVerificationKey('a', spki)).toEqual({
      ok: false,
      error: 'the key a is not a public key, allowed: SPKI as PEM or DER',
    });
  });

  test('has the hint that cosign writes: base64 of the SHA-256 of its SPKI', () => {
    const read = readVerificationKey('a', pem(VECTOR));
    expect(read.ok && keyHint(read.value)).toBe('Wnp4zKSg9CDZvGK7Zpw8J1njn3I9OuENy+DwgVoH7NQ=');
  });
});

describe('a signature', () => {
  const key = { name: 'a', publicKey: VECTOR };
  const vector = Buffer.from(`3046022100${R}022100${S}`, 'hex');
  const sample = Buffer.from('sample');

  test('of RFC 6979 holds', () => {
    expect(isSignedBy(key, sample, vector)).toBe(true);
  });

  test('holds for these bytes and this key only', () => {
    expect(isSignedBy(key, Buffer.from('Sample'), vector)).toBe(false);
    expect(isSignedBy(KEY.verification, sample, vector)).toBe(false);
  });

  test.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('signature')],
    ['r and s side by side', Buffer.from(R + S, 'hex')],
    ['with a byte behind it', Buffer.concat([vector, Buffer.alloc(1)])],
    ['without its last byte', vector.subarray(0, -1)],
    ['r and s in turn', Buffer.from(`3046022100${S}022100${R}`, 'hex')],
    ['zeros', Buffer.from('3006020100020100', 'hex')],
    ['a length in more bytes than it needs', Buffer.from(`308146022100${R}022100${S}`, 'hex')],
    ['a number without the zero before it', Buffer.from(`30440220${R}0220${S}`, 'hex')],
  ])('%s does not hold', (_, signature) => {
    expect(isSignedBy(key, sample, signature)).toBe(false);
  });
});
