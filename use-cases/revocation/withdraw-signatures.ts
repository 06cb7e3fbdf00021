import { bundleSignatures, taggedSignatures, type SignatureReader } from './our-signatures';
import { isPassing } from '../../adapters/aws/passing-error';
import type { AlertMessage } from '../../src/core/alerts/message';
import { withdrawnEvent, type Kept, type WithdrawnEvent } from '../../src/core/events/revocation-events';
import { imageOf, repositoryReference, type ImageName } from '../../src/core/image/image';
import { isRevoked, type RegisterRow } from '../../src/core/register/row';
import { keptMessage } from '../../src/core/revocation/kept-message';
import type { VerificationKey } from '../../src/core/signing/verification-key';
import { errorText } from '../../src/core/text/error-text';
import type { SignatureRegistry } from '../signing/sign-ports';

export interface WithdrawContext {
  readonly register: { load(image: ImageName): Promise<RegisterRow> };
  /** The keys with which the trust signs, or signed: their ARNs, and those of them that can be read. */
  readonly keys: { readonly arns: readonly string[]; all(): Promise<readonly VerificationKey[]> };
  readonly events: { publish(event: WithdrawnEvent): Promise<void> };
  readonly urlSuffix: string;
  registry(image: ImageName): SignatureReader & Pick<SignatureRegistry, 'remove'>;
  /** Whether the time for reading is over, and the rest is for what follows. */
  isLate(): boolean;
  /** Told of each deletion at once, whatever fails later. */
  count(removed: number): void;
  /** Sends, unless a message with this key was sent before. */
  alert(key: string, message: AlertMessage): Promise<void>;
}

/**
 * Takes the signatures of a revoked image out of the registry. The message is a hint: the register says
 * whether the image is revoked still, at first and once more just before each deletion (rule 4.1, messages
 * are hints). An image that passes again is signed again: the signer reads the registry before it signs.
 *
 * What is at the tags leaves first: whoever may push can attach any number of bundles.
 */
export async function withdrawSignatures(image: ImageName, context: WithdrawContext): Promise<string> {
  let row = await context.register.load(image);
  if (!isRevoked(row)) return 'nothing withdrawn: it is not revoked any more';
  const keys = await context.keys.all();
  const about = { image, repository: repositoryReference(imageOf(image), context.urlSuffix) };
  const registry = context.registry(image);
  const removed: string[] = [];
  const kept = unreadable(context.keys.arns, keys);
  let stopped: Error | undefined;
  for (const look of [taggedSignatures, bundleSignatures]) {
    const found = await look({ about, keys, registry, isLate: () => context.isLate() });
    stopped ??= found.stopped;
    const now = await context.register.load(image);
    if (!isRevoked(now)) {
      if (removed.length === 0) return 'nothing withdrawn: it is not revoked any more';
      await context.events.publish(withdrawnEvent(row, row.revokedBy!, removed, []));
      return `withdrew ${removed.length} signatures, and then it passed again`;
    }
    row = now;
    kept.push(...found.kept);
    const refused = await registry.remove(found.ours);
    const gone = found.ours.filter(ours => !refused.some(({ digest }) => digest === ours));
    if (gone.length > 0) context.count(gone.length);
    removed.push(...gone);
    for (const { digest, error } of refused) {
      if (isPassing(error)) stopped ??= error;
      else kept.push({ name: digest, digest, why: `it was not deleted: ${errorText(error)}` });
    }
  }
  if (stopped !== undefined) {
    // the queue tries again, and the run that sees all of it notifies
    if (removed.length > 0) await context.events.publish(withdrawnEvent(row, row.revokedBy!, removed, kept));
    throw stopped;
  }
  // first: it is sent once, where the event is published again at each retry
  if (kept.length > 0) await context.alert(`${image}|${row.revokedBy}|signatures`, keptMessage(image, kept));
  await context.events.publish(withdrawnEvent(row, row.revokedBy!, removed, kept));
  return `withdrew ${removed.length} signatures, and ${kept.length} may stay`;
}

/** What a disabled key signed is not known as ours, and a verifier that has its public half accepts it. */
function unreadable(arns: readonly string[], keys: readonly VerificationKey[]): Kept[] {
  return arns
    .filter(arn => !keys.some(({ name }) => name === arn))
    .map(name => ({
      name,
      why: 'AWS KMS does not give this key, so what it signed is not known and stays: enable it, or delete that by hand',
    }));
}
