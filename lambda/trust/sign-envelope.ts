import type { SignContext } from './sign-ports';
import { envelope, preAuthEncoding, type DsseEnvelope } from '../../src/core/trust/dsse';

/** Signed as DSSE wants it: not the payload, but what says its type and length as well. */
export async function signEnvelope(payload: Uint8Array, signer: Pick<SignContext['signer'], 'sign'>): Promise<DsseEnvelope> {
  return envelope(payload, await signer.sign(preAuthEncoding(payload)));
}
