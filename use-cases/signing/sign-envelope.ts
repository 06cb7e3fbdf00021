import type { SignContext } from './sign-ports';
import { envelope, preAuthEncoding, type DsseEnvelope, type PayloadType } from '../../src/core/signing/dsse';

/** An envelope as DSSE defines it: the signature covers the payload, its type and its length. */
export async function signEnvelope(
  type: PayloadType,
  payload: Uint8Array,
  signer: Pick<SignContext['signer'], 'sign'>,
): Promise<DsseEnvelope> {
  return envelope(type, payload, await signer.sign(preAuthEncoding(type, payload)));
}
