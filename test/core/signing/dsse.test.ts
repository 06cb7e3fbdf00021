import * as fc from 'fast-check';
import {
  DsseEnvelope,
  envelope,
  openEnvelope,
  PayloadType,
  preAuthEncoding,
} from '../../../src/core/signing/dsse';
import { LocalKey } from '../support/signing';

const KEY = new LocalKey('ours');
const OTHER = new LocalKey('other');
const PINNED = [KEY.verification];
const { inToto, statement } = PayloadType;
const bytes = (text: string) => Buffer.from(text);

describe('the bytes that are signed', () => {
  test.each([
    [inToto, 'hello world', 'DSSEv1 28 application/vnd.in-toto+json 11 hello world'],
    [inToto, '', 'DSSEv1 28 application/vnd.in-toto+json 0 '],
    [inToto, '漢é', 'DSSEv1 28 application/vnd.in-toto+json 5 漢é'], // bytes are counted, not characters
    [inToto, '3 abc', 'DSSEv1 28 application/vnd.in-toto+json 5 3 abc'],
    [statement, '{}', 'DSSEv1 45 application/vnd.trusted-images.statement+json 2 {}'],
  ])('%s, %j', (type, payload, signed) => {
    expect(preAuthEncoding(type, bytes(payload)).toString()).toBe(signed);
  });

  test('no two payloads have the same, and no payload has the same as another type (rule 5.8, the key signs only PASS)', () => {
    const types = fc.constantFrom(inToto, statement);
    fc.assert(
      fc.property(types, fc.uint8Array(), types, fc.uint8Array(), (aType, a, bType, b) => {
        fc.pre(aType !== bType || !Buffer.from(a).equals(b));
        expect(preAuthEncoding(aType, a)).not.toEqual(preAuthEncoding(bType, b));
      }),
    );
  });
});

describe('an envelope', () => {
  test('as cosign reads it, byte for byte: one signature, and an empty keyid', () => {
    expect(JSON.stringify(envelope(inToto, bytes('{"a":1}'), bytes('signature')))).toBe(
      '{"payloadType":"application/vnd.in-toto+json","payload":"eyJhIjoxfQ==","signatures":[{"keyid":"","sig":"c2lnbmF0dXJl"}]}',
    );
  });

  test('opens to what was signed, and says which key did', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), document => {
        const text = JSON.stringify(document);
        const opened = openEnvelope(KEY.envelope(bytes(text)), statement, [
          OTHER.verification,
          KEY.verification,
        ]);
        expect(opened).toEqual({ ok: true, value: { statement: JSON.parse(text), key: KEY.verification } });
      }),
      { numRuns: 50 },
    );
  });

  test('of what is no JSON opens to nothing', () => {
    expect(openEnvelope(KEY.envelope(bytes('PASS')), statement, PINNED)).toMatchObject({
      ok: true,
      value: { statement: undefined },
    });
  });

  test.each<[string, (good: DsseEnvelope) => unknown]>([
    ['base64 that is not canonical', good => ({ ...good, payload: 'QR==' })], // as QQ==
    ['base64 without its padding', good => ({ ...good, payload: 'QQ' })],
    ['base64 with padding in the middle', good => ({ ...good, payload: 'QQ==QQ==' })],
    ['a signature that is not canonical', good => ({ ...good, signatures: [{ keyid: '', sig: 'QR==' }] })],
    ['a keyid that is no text', good => ({ ...good, signatures: [{ ...good.signatures[0], keyid: 1 }] })],
    ['no signatures', ({ signatures: _, ...rest }) => rest],
    ['no payload', ({ payload: _, ...rest }) => rest],
    ['text', good => JSON.stringify(good)],
    ['a list', good => [good]],
  ])('that is broken (%s) is not opened, whoever signed it', (_, change) => {
    expect(openEnvelope(change(KEY.envelope({})), statement, PINNED)).toEqual({
      ok: false,
      error: 'BROKEN_STATEMENT',
    });
  });

  test('that another key signed is not opened', () => {
    expect(openEnvelope(OTHER.envelope({}), statement, PINNED)).toEqual({ ok: false, error: 'WRONG_KEY' });
    expect(openEnvelope(KEY.envelope({}), statement, [])).toEqual({ ok: false, error: 'WRONG_KEY' });
  });

  test('is opened as what it was signed as, and as nothing else (rule 5.8, the key signs only PASS)', () => {
    for (const [type, other] of [
      [inToto, statement],
      [statement, inToto],
    ] as const) {
      const sealed = KEY.envelope({}, type);
      expect(openEnvelope(sealed, type, PINNED)).toMatchObject({ ok: true });
      expect(openEnvelope(sealed, other, PINNED)).toEqual({ ok: false, error: 'BROKEN_STATEMENT' });
      expect(openEnvelope({ ...sealed, payloadType: other }, other, PINNED)).toEqual({
        ok: false,
        error: 'WRONG_KEY',
      });
    }
  });

  test('is read only as far as it is known, so that nothing else of it is kept', () => {
    expect(DsseEnvelope.parse({ ...KEY.envelope({}), x: 'x' })).not.toHaveProperty('x');
  });
});
