import * as z from 'zod';
import { Digest } from '../image';

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

/** What the function that asks hands to the one that waits. CloudFormation knows strings only. */
export const DeploymentData = z.object({
  Digest,
  RequestedAt: z.iso.datetime(),
  /** Whether the stack is on its way back. */
  Rollback: z.enum(['true', 'false']),
});
export type DeploymentData = z.infer<typeof DeploymentData>;
