import { sha256Of } from '../../src/core/text/sha256';
import { policyKey } from '../../src/core/evidence/evidence-keys';

export interface PolicyToPublish {
  readonly policy: string;
  /** Undefined where people write the file themselves. */
  readonly waivers?: string;
  /** What the deployment before this one said. */
  readonly waiversBefore?: string;
}

export interface PublishPolicyContext {
  readonly evidence: { writeOnce(key: string, body: string, contentType: string): Promise<boolean> };
  readonly pointer: { publish(sha256: string): Promise<{ revision: number; changed: boolean }> };
  readonly waivers: {
    write(text: string): Promise<void>;
    /** Puts active what lies there. True if that is something else than before. */
    publish(): Promise<boolean>;
  };
  sweep(): Promise<void>;
}

export interface PublishedRevision {
  readonly revision: number;
  readonly changed: boolean;
  readonly sha256: string;
}

/**
 * The document into the evidence, and the revision up by one where it differs from the one active. Waivers
 * come first: what a stricter policy refuses and the same deployment accepts is never refused, not for a
 * moment.
 */
export async function publishPolicy(
  { policy, waivers, waiversBefore }: PolicyToPublish,
  context: PublishPolicyContext,
): Promise<PublishedRevision> {
  const sha256 = sha256Of(policy);
  await context.evidence.writeOnce(policyKey(sha256), policy, 'application/json');
  // what people changed in the bucket since stays there, as long as the deployment says nothing new
  const isNew = waivers !== undefined && waivers !== waiversBefore;
  if (isNew) await context.waivers.write(waivers);
  const waived = isNew && (await context.waivers.publish());
  const { revision, changed } = await context.pointer.publish(sha256);
  if (changed || waived) await context.sweep();
  return { revision, changed, sha256 };
}
