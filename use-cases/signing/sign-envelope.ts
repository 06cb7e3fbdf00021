import type { SignContext } from './sign-ports';
import { envelope, preAuthEncoding, type DsseEnvelope, type PayloadType } from '../../src/core/signing/dsse';

/** Signed as DSSE wants it: not the payload, but what says its type and length as well. */
export async function signEnvelope(
  type: PayloadType,
  payload: Uint8Array,
  signer: Pick<SignContext['signer'], 'sign'>,
): Promise<DsseEnvelope> {
  return envelope(type, payload, await signer.sign(preAuthEncoding(type, payload)));
}
