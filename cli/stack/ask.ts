import type { Decided } from './decision';
import type { ImageName } from '../../src/core/image';
import { whyAudited } from '../../src/core/trust/audited';
import { decide } from '../../src/core/trust/decide';
import type { RegisterRow } from '../../src/core/trust/register-row';
import { verifyInRegistry, type RegistryReader } from '../../src/core/trust/registry-door';
import type { VerificationKey } from '../../src/core/trust/verification-key';

/** What the register is asked by. */
export interface RegisterPorts {
  readonly register: { load(image: ImageName): Promise<RegisterRow> };
  readonly keys: { all(): Promise<VerificationKey[]> };
  readonly policies: { policy(): Promise<{ readonly revision: number } | undefined> };
  readonly evidenceBucket: string;
}

/** The gate's own question: one strongly consistent read, one check of a signature. */
export async function askRegister(
  image: ImageName, { register, keys, policies, evidenceBucket }: RegisterPorts, now: Date,
): Promise<Decided & { readonly row: RegisterRow }> {
  const [row, pinned] = await Promise.all([register.load(image), keys.all()]);
  const decided = decide(image, row, pinned, now);
  const isAudited = decided.trusted && row.verdict?.audit === true;
  const decision = (isAudited ? whyAudited(image, row, (await policies.policy())?.revision) : undefined) ?? decided;
  return { decision, row, evidenceBucket };
}

/** The second door: what vouches for it in its own repository, and for how long that was judged ago at most. */
export async function askRegistry(
  image: ImageName, maxAgeSeconds: number, keys: readonly VerificationKey[], registry: RegistryReader, now: Date,
): Promise<Decided> {
  const claims = await verifyInRegistry({ image, keys, maxAgeSeconds, now }, registry);
  if ('trusted' in claims) return { decision: claims };
  return { decision: { trusted: true, image, validUntil: new Date(Date.parse(claims.evaluatedAt) + maxAgeSeconds * 1000).toISOString() } };
}
