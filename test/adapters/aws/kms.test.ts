import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { KMSClient } from '@aws-sdk/client-kms';
import { KmsKeys } from '../../../adapters/aws/kms-keys';
import { KmsSigner } from '../../../adapters/aws/kms-signer';
import { isSignedBy } from '../../../src/core/signing/verification-key';

jest.mock('../../../adapters/aws/telemetry', () => ({ logger: { warn: jest.fn() } }));

const PAIR = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const OTHER_CURVE = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
const ARN = 'arn:aws:kms:us-east-1:000000000000:key/1';
const FORMER = 'arn:aws:kms:us-east-1:000000000000:key/0';

/** KMS with the keys that a test gives it; an error in place of one is what it answers. */
function kms(keys: Readonly<Record<string, typeof PAIR | Error>>): {
  client: KMSClient;
  calls: { name: string; input: any }[];
} {
  const calls: { name: string; input: any }[] = [];
  const send = async ({ constructor: { name }, input }: { constructor: { name: string }; input: any }) => {
    calls.push({ name: name.replace(/Command$/, ''), input });
    const key = keys[input.KeyId];
    if (key === undefined || key instanceof Error) {
      throw key ?? Object.assign(new Error('no such key'), { name: 'NotFoundException' });
    }
    return name === 'SignCommand'
      ? { Signature: signDigest(key) }
      : { PublicKey: key.publicKey.export({ type: 'spki', format: 'der' }) };
  };
  return { client: { send } as unknown as KMSClient, calls };
}

/** node:crypto signs no digest: KMS does, so the fake signs the bytes whose digest it was sent. */
const BYTES = Buffer.from('what is signed');
function signDigest({ privateKey }: typeof PAIR): Uint8Array {
  return sign('sha256', BYTES, { key: privateKey, dsaEncoding: 'der' });
}

function refused(name: string): Error {
  return Object.assign(new Error(name), { name });
}

describe('the signer', () => {
  test("sends the digest of what it signs, for ECDSA on SHA-256, and the key's public part verifies it", async () => {
    const { client, calls } = kms({ [ARN]: PAIR });
    const signer = new KmsSigner(ARN, client);
    const signature = await signer.sign(BYTES);
    expect(calls).toEqual([
      {
        name: 'Sign',
        input: {
          KeyId: ARN,
          Message: createHash('sha256').update(BYTES).digest(),
          MessageType: 'DIGEST',
          SigningAlgorithm: 'ECDSA_SHA_256',
        },
      },
    ]);
    expect(isSignedBy(await signer.key(), BYTES, signature)).toBe(true);
    expect(isSignedBy(await signer.key(), Buffer.from('something else'), signature)).toBe(false);
  });

  test('asks for its public key once', async () => {
    const { client, calls } = kms({ [ARN]: PAIR });
    const signer = new KmsSigner(ARN, client);
    expect(await signer.key()).toBe(await signer.key());
    expect(calls).toHaveLength(1);
  });

  test('refuses a key of another curve', async () => {
    await expect(new KmsSigner(ARN, kms({ [ARN]: OTHER_CURVE }).client).key()).rejects.toThrow(
      /is of the kind secp384r1, allowed: ECDSA on P-256/,
    );
  });

  test('says what KMS says', async () => {
    const { client } = kms({ [ARN]: refused('DisabledException') });
    await expect(new KmsSigner(ARN, client).sign(BYTES)).rejects.toMatchObject({ name: 'DisabledException' });
  });
});

describe('the keys that a gate pins', () => {
  const both = JSON.stringify([{ arn: ARN }, { arn: FORMER, acceptedUntil: '2027-01-31T00:00:00.000Z' }]);

  test('are read once each, with the time until which each is believed', async () => {
    const { client, calls } = kms({ [ARN]: PAIR, [FORMER]: PAIR });
    const keys = new KmsKeys(both, client);
    await keys.all();
    expect(await keys.all()).toEqual([
      { name: ARN, publicKey: expect.anything() },
      { name: FORMER, publicKey: expect.anything(), acceptedUntil: new Date('2027-01-31T00:00:00.000Z') },
    ]);
    expect(calls).toHaveLength(2);
  });

  test.each(['DisabledException', 'KMSInvalidStateException', 'NotFoundException'])(
    'one that answers %s vouches for nothing, and the other one still does; it is asked again',
    async name => {
      const { client, calls } = kms({ [ARN]: PAIR, [FORMER]: refused(name) });
      const keys = new KmsKeys(both, client);
      expect((await keys.all()).map(key => key.name)).toEqual([ARN]);
      await keys.all();
      expect(calls).toHaveLength(3);
    },
  );

  test.each(['AccessDeniedException', 'ThrottlingException', 'KMSInternalException'])(
    '%s is no answer: who asks is indeterminate which keys are good',
    async name => {
      await expect(
        new KmsKeys(both, kms({ [ARN]: PAIR, [FORMER]: refused(name) }).client).all(),
      ).rejects.toMatchObject({ name });
    },
  );

  test('one of another curve is an error, and is not left out in silence', async () => {
    await expect(
      new KmsKeys(JSON.stringify([{ arn: ARN }]), kms({ [ARN]: OTHER_CURVE }).client).all(),
    ).rejects.toThrow(/allowed: ECDSA on P-256/);
  });

  test.each([
    ['[]'],
    ['[{"arn":"arn:aws:kms:us-east-1:000000000000:alias/trusted"}]'],
    ['[{"arn":"1"}]'],
    ['{}'],
    ['[{"arn":"arn:aws:kms:us-east-1:000000000000:key/1","acceptedUntil":"soon"}]'],
  ])('the document %s is refused when the function starts', document => {
    expect(() => new KmsKeys(document, kms({}).client)).toThrow();
  });
});
