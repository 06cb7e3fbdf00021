import * as z from 'zod';
import { Digest, ImageName } from '../image';
import { plainText } from '../plain-text';

/** What the template says of an image that is to be deployed: a digest, or a tag that is resolved once. */
export const DeploymentProperties = z.object({
  Account: z.string(),
  Region: z.string(),
  Repository: z.string(),
  Tag: z.string().optional(),
  Digest: Digest.optional(),
  Enforcement: z.enum(['REFUSE', 'AUDIT']),
}).refine(({ Tag, Digest: digest }) => (Tag === undefined) !== (digest === undefined), 'a tag or a digest, and not both');
export type DeploymentProperties = z.infer<typeof DeploymentProperties>;

/** Throws with what people read in the stack's events: a token may have become anything by then. */
export function readDeployment(properties: unknown): DeploymentProperties {
  const read = DeploymentProperties.safeParse(properties);
  if (read.success) return read.data;
  const problems = read.error.issues.map(({ path, message }) => plainText(`${path.join('.') || 'the resource'}: ${message}`, 200));
  const { Digest: digest } = Object(properties) as { Digest?: unknown };
  throw new Error(`the image to deploy is not named well: ${problems.join('; ')}${digest === undefined ? '' : `; the digest given is ${JSON.stringify(plainText(String(digest), 100))}, allowed: sha256:<64 hex digits>`}`);
}

/** What the function that asks hands to the one that waits. CloudFormation knows strings only. */
export const DeploymentData = z.object({
  Digest,
  Image: ImageName,
  RequestedAt: z.iso.datetime(),
  /** Whether the stack is on its way back. UNKNOWN: it does not say, and the image is the one that ran before. */
  Rollback: z.enum(['NO', 'YES', 'UNKNOWN']),
});
export type DeploymentData = z.infer<typeof DeploymentData>;
