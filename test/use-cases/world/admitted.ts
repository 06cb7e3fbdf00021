import type { VerificationKey } from '../../../src/core/signing/verification-key';
import { decide } from '../../../src/core/trust/decide';
import type { World } from '../world';

/**
 * What must hold at every moment: what a gate admits bears a signature of the same key in its registry, if it
 * belongs there. Answers the images of which that is not true.
 */
export function admittedUnsigned(world: World, keys: readonly VerificationKey[]): string[] {
  return [...world.register.rows.values()].flatMap(row => {
    const { pk, parents = [], tags = [], signature } = row;
    const key = keys.find(each => decide(pk, row, [each], world.now).trusted);
    const belongs = world.signOptions.manifests === 'ALL' || parents.length === 0 || tags.length > 0;
    if (key === undefined || !belongs) return [];
    const { layers, bundles } = world.signatures.by(key, pk, world.now);
    return bundles > 0 && (layers > 0 || signature?.withoutTag !== undefined)
      ? []
      : [`${pk} is admitted with ${layers} layers and ${bundles} bundles`];
  });
}

/**
 * Looks before every call from now on. Answers what it saw, to be asked at the end: an exception in between
 * would be the handler's.
 */
export function watchAdmitted(
  world: World,
  keys: readonly VerificationKey[] = [world.signer.current],
): () => string[] {
  const seen = new Set<string>();
  const look = () => {
    for (const each of admittedUnsigned(world, keys)) seen.add(each);
  };
  world.interruptions.watch = look;
  return () => {
    look();
    return [...seen];
  };
}
