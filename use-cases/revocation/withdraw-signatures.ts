import { ourSignatures } from './our-signatures';
import type { AlertMessage } from '../../src/core/alerts/message';
import { withdrawnEvent, type WithdrawnEvent } from '../../src/core/events/revocation-events';
import { imageOf, repositoryReference, type ImageName } from '../../src/core/image/image';
import { isRevoked, type RegisterRow } from '../../src/core/register/row';
import { keptMessage } from '../../src/core/revocation/kept-message';
import type { VerificationKey } from '../../src/core/signing/verification-key';
import type { SignatureRegistry } from '../signing/sign-ports';

export interface WithdrawContext {
  readonly register: { load(image: ImageName): Promise<RegisterRow> };
  /** The keys with which the trust signs, or signed. */
  readonly keys: { all(): Promise<readonly VerificationKey[]> };
  readonly events: { publish(event: WithdrawnEvent): Promise<void> };
  readonly urlSuffix: string;
  registry(image: ImageName): Omit<SignatureRegistry, 'push'>;
  /** Sends, unless a message with this key was sent before. */
  alert(key: string, message: AlertMessage): Promise<void>;
}

export interface Withdrawn {
  readonly done: string;
  readonly removed?: number;
}

const NOT_REVOKED: Withdrawn = { done: 'nothing withdrawn: it is not revoked any more' };

/**
 * Takes the signatures of a revoked image out of the registry. The message is a hint: the register says
 * whether the image is revoked still, at first and once more just before the deletion (rule 4.1, messages are
 * hints). An image that passes again is signed again: the signer reads the registry before it signs.
 */
export async function withdrawSignatures(image: ImageName, context: WithdrawContext): Promise<Withdrawn> {
  const { register, keys, urlSuffix } = context;
  if (!isRevoked(await register.load(image))) return NOT_REVOKED;
  const repository = repositoryReference(imageOf(image), urlSuffix);
  const registry = context.registry(image);
  const { ours, kept, unread } = await ourSignatures({ image, repository }, await keys.all(), registry);
  const row = await register.load(image);
  if (!isRevoked(row)) return NOT_REVOKED;
  if (ours.length > 0) await registry.remove(ours);
  const { verdictId } = row.verdict!;
  await context.events.publish(withdrawnEvent(row, verdictId, ours, [...kept, ...unread]));
  if (kept.length > 0) await context.alert(`${image}|${verdictId}|signatures`, keptMessage(image, kept));
  if (unread.length > 0) {
    // the queue tries again, and alarms in the end
    throw new Error(
      `what may be signatures could not be read: ${unread.map(({ name, why }) => `${name} (${why})`).join(', ')}`,
    );
  }
  return { done: `withdrew ${ours.length} signatures`, removed: ours.length };
}
