import type { ImageName } from '../../src/core/image/image';
import type { RegisterRow } from '../../src/core/register/row';
import type { VerificationKey } from '../../src/core/signing/verification-key';
import { askRegister, type RegisterPorts } from '../../src/core/trust/ask-register';
import type { Decision } from '../../src/core/trust/decide';
import { verifyInRegistry, type RegistryReader } from '../../src/core/trust/registry-check';

export interface Decided {
  readonly decision: Decision;
  readonly row?: RegisterRow;
  readonly evidenceBucket?: string;
}

/** The register, and the evidence behind it. */
export interface DeployedPorts extends RegisterPorts {
  readonly evidenceBucket: string;
}

export async function askDeployed(
  image: ImageName,
  ports: DeployedPorts,
  now: Date,
): Promise<Decided & { readonly row: RegisterRow }> {
  return { ...(await askRegister(image, ports, now)), evidenceBucket: ports.evidenceBucket };
}

/**
 * The second check: a signature in the image's own repository, of a verdict that is not older than
 * `maxAgeSeconds`.
 */
export async function askRegistry(
  image: ImageName,
  maxAgeSeconds: number,
  keys: readonly VerificationKey[],
  registry: RegistryReader,
  now: Date,
): Promise<Decided> {
  const claims = await verifyInRegistry({ image, keys, maxAgeSeconds, now }, registry);
  if ('trusted' in claims) return { decision: claims };
  return {
    decision: {
      trusted: true,
      image,
      validUntil: new Date(Date.parse(claims.evaluatedAt) + maxAgeSeconds * 1000).toISOString(),
    },
  };
}
