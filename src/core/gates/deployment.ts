import * as z from 'zod';
import { Asker } from './answer';
import { whyUnknownVersion } from './gate-version';
import { Digest, ImageName } from '../image/image';
import { failed, ok, type Result } from '../result';
import { plainText, quoted } from '../text/plain-text';

/** How the template names the image to deploy: by a digest, or by a tag that is resolved once. */
export const DeploymentProperties = z
  .object({
    Account: z.string(),
    Region: z.string(),
    Repository: z.string(),
    Tag: z.string().optional(),
    Digest: Digest.optional(),
    Enforcement: z.enum(['REFUSE', 'AUDIT']),
  })
  .refine(
    ({ Tag, Digest: digest }) => (Tag === undefined) !== (digest === undefined),
    'a tag or a digest, and not both',
  );
export type DeploymentProperties = z.infer<typeof DeploymentProperties>;

/** Throws with the text for the events of the stack: a token may resolve to any value. */
export function readDeployment(properties: unknown): DeploymentProperties {
  const unknown = whyUnknownVersion((Object(properties) as { SchemaVersion?: unknown }).SchemaVersion);
  if (unknown !== undefined) throw new Error(unknown);
  const read = DeploymentProperties.safeParse(properties);
  if (read.success) return read.data;
  const problems = read.error.issues.map(({ path, message }) =>
    plainText(`${path.join('.') || 'the resource'}: ${message}`, 200),
  );
  const { Digest: digest } = Object(properties) as { Digest?: unknown };
  throw new Error(
    `the image to deploy is not named well: ${problems.join('; ')}${digest === undefined ? '' : `; the digest given is ${quoted(String(digest), 100)}, allowed: sha256:<64 hex digits>`}`,
  );
}

/** A waiting deployment, as `request-trust` hands it to `await-trust`. */
export const WaitingDeployment = z.object({
  image: ImageName,
  /** The tag or digest that the template names it by. */
  reference: z.string(),
  enforcement: z.enum(['REFUSE', 'AUDIT']),
  requestedAt: z.iso.datetime(),
  /**
   * Whether the stack is rolling back. UNKNOWN: its status cannot be read, and the image is the one that ran
   * before. MOVED: it ran behind a former resource of the stack.
   */
  rollback: z.enum(['NO', 'YES', 'UNKNOWN', 'MOVED']),
  /** The keys that were read for this deployment, where the template does not name them. */
  pinnedKeys: z.string().optional(),
});
export type WaitingDeployment = z.infer<typeof WaitingDeployment>;

/**
 * The message of a waiting deployment. Anyone who reads it can answer CloudFormation in place of the gate
 * (rule 5.10, no secrets of gates).
 */
export const DeploymentMessage = WaitingDeployment.extend({ asker: Asker });
export type DeploymentMessage = z.infer<typeof DeploymentMessage>;

/** The error contains the asker, if the message has a valid one. */
export function readDeploymentMessage(
  body: unknown,
): Result<DeploymentMessage, { readonly why: string; readonly asker?: Asker }> {
  const read = DeploymentMessage.safeParse(body);
  if (read.success) return ok(read.data);
  const asker = Asker.safeParse((Object(body) as { asker?: unknown }).asker);
  const fields = read.error.issues.map(({ path }) => plainText(path.join('.') || 'the message', 60));
  return failed({
    why: `the message of a deployment cannot be read (${[...new Set(fields)].slice(0, 5).join(', ')})`,
    ...(asker.success && { asker: asker.data }),
  });
}
