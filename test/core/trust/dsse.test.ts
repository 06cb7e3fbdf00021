import * as fc from 'fast-check';
import { DsseEnvelope, envelope, openEnvelope, preAuthEncoding } from '../../../src/core/trust/dsse';
import { LocalKey } from '../support/signing';

const KEY = new LocalKey('ours');
const OTHER = new LocalKey('other');
const PINNED = [KEY.verification];
const bytes = (text: string) => Buffer.from(text);

describe('the bytes that are signed', () => {
  test.each([
    ['hello world', 'DSSEv1 28 application/vnd.in-toto+json 11 hello world'],
    ['', 'DSSEv1 28 application/vnd.in-toto+json 0 '],
    ['漢é', 'DSSEv1 28 application/vnd.in-toto+json 5 漢é'], // bytes are counted, not characters
    ['3 abc', 'DSSEv1 28 application/vnd.in-toto+json 5 3 abc'],
  ])('%j', (payload, signed) => {
    expect(preAuthEncoding(bytes(payload)).toString()).toBe(signed);
  });

  test('no two payloads have the same', () => {
    fc.assert(fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
      fc.pre(!Buffer.from(a).equals(b));
      expect(preAuthEncoding(a)).not.toEqual(preAuthEncoding(b));
    }));
  });
});

describe('an envelope', () => {
  test('as cosign reads it, byte for byte: one signature, and an empty keyid', () => {
    expect(JSON.stringify(envelope(bytes('{"a":1}'), bytes('signature')))).toBe('{"payloadType":"application/vnd.in-toto+json","payload":"eyJhIjoxfQ==","signatures":[{"keyid":"","sig":"c2lnbmF0dXJl"}]}');
  });

  test('opens to what was signed, and says which key did', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 3 }), document => {
      const text = JSON.stringify(document);
      const opened = openEnvelope(KEY.envelope(bytes(text)), [OTHER.verification, KEY.verification]);
      expect(opened).toEqual({ ok: true, value: { statement: JSON.parse(text), key: KEY.verification } });
    }), { numRuns: 50 });
  });

  test('of what is no JSON opens to nothing', () => {
    expect(openEnvelope(KEY.envelope(bytes('PASS')), PINNED)).toMatchObject({ ok: true, value: { statement: undefined } });
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
    expect(openEnvelope(change(KEY.envelope({})), PINNED)).toEqual({ ok: false, error: 'BROKEN_STATEMENT' });
  });

  test('that another key signed is not opened', () => {
    expect(openEnvelope(OTHER.envelope({}), PINNED)).toEqual({ ok: false, error: 'WRONG_KEY' });
    expect(openEnvelope(KEY.envelope({}), [])).toEqual({ ok: false, error: 'WRONG_KEY' });
  });

  test('is read only as far as it is known, so that nothing else of it is kept', () => {
    expect(DsseEnvelope.parse({ ...KEY.envelope({}), x: 'x' })).not.toHaveProperty('x');
  });
});
