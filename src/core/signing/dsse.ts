import * as z from 'zod';
import { isSignedBy, type VerificationKey } from './verification-key';
import { failed, ok, type Result } from '../result';
import { parseJson } from '../text/json';

/**
 * The type of a payload. It is signed with the payload, so one type cannot be presented as another: a
 * statement of the register expires, but cosign accepts any in-toto payload of the key in the registry as a
 * permanent signature (rule 5.8, the key signs only PASS).
 */
export const PayloadType = {
  inToto: 'application/vnd.in-toto+json',
  statement: 'application/vnd.trusted-images.statement+json',
} as const;
export type PayloadType = (typeof PayloadType)[keyof typeof PayloadType];

/** Canonical base64, so that one signature has one form. */
const Base64 = z
  .string()
  .regex(/^[A-Za-z0-9+/]+={0,2}$/)
  .refine(text => Buffer.from(text, 'base64').toString('base64') === text, 'not canonical base64');

/** @see https://github.com/secure-systems-lab/dsse/blob/v1.0.0/envelope.md */
export const DsseEnvelope = z.object({
  payloadType: z.enum(PayloadType),
  payload: Base64,
  /** `keyid` is empty or absent: cosign refuses a bundle whose `keyid` it does not know. */
  signatures: z.array(z.object({ keyid: z.string().optional(), sig: Base64 })).length(1),
});
export type DsseEnvelope = z.infer<typeof DsseEnvelope>;

/** The bytes that are signed. Lengths are those of bytes, not of characters. */
export function preAuthEncoding(type: PayloadType, payload: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload]);
}

export function envelope(type: PayloadType, payload: Uint8Array, signature: Uint8Array): DsseEnvelope {
  return {
    payloadType: type,
    payload: Buffer.from(payload).toString('base64'),
    signatures: [{ keyid: '', sig: Buffer.from(signature).toString('base64') }],
  };
}

export interface Opened {
  readonly statement: unknown;
  readonly key: VerificationKey;
}

/**
 * The payload of an envelope of this type. The payload is not read before the signature of a pinned key is
 * verified.
 */
export function openEnvelope(
  document: unknown,
  type: PayloadType,
  keys: readonly VerificationKey[],
): Result<Opened, 'BROKEN_STATEMENT' | 'WRONG_KEY'> {
  const read = DsseEnvelope.safeParse(document);
  if (!read.success || read.data.payloadType !== type) return failed('BROKEN_STATEMENT');
  const payload = Buffer.from(read.data.payload, 'base64');
  const signature = Buffer.from(read.data.signatures[0]!.sig, 'base64');
  const key = keys.find(each => isSignedBy(each, preAuthEncoding(type, payload), signature));
  if (key === undefined) return failed('WRONG_KEY');
  return ok({ statement: parseJson(payload.toString('utf8')), key });
}
