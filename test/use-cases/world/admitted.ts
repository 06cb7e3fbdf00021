import type { RegisterRow } from '../../../src/core/register/row';
import type { VerificationKey } from '../../../src/core/signing/verification-key';
import { decide } from '../../../src/core/trust/decide';
import type { World } from '../world';

interface Admission {
  readonly at: Date;
  readonly admitted: boolean;
}

const admissions = new WeakMap<RegisterRow, Map<VerificationKey, Admission>>();

/** The register replaces a row and never changes it, so one row at one time is decided about once. */
function isAdmitted(row: RegisterRow, key: VerificationKey, now: Date): boolean {
  const known = admissions.get(row) ?? new Map<VerificationKey, Admission>();
  admissions.set(row, known);
  const before = known.get(key);
  if (before?.at.getTime() === now.getTime()) return before.admitted;
  const admitted = decide(row.pk, row, [key], now).trusted;
  known.set(key, { at: now, admitted });
  return admitted;
}

/**
 * What must hold at every moment: what a gate admits bears a signature of the same key in its registry, if it
 * belongs there. Answers the images of which that is not true.
 */
function admittedUnsigned(world: World, keys: readonly VerificationKey[]): string[] {
  return [...world.register.rows.values()].flatMap(row => {
    const { pk, parents = [], tags = [], signature } = row;
    const key = keys.find(each => isAdmitted(row, each, world.now));
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
