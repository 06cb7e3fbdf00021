import { refused, type Refused } from './refusal';
import { Image, imageName, type ImageName } from '../image';
import { plainText } from '../plain-text';
import { failed, ok, type Result } from '../result';

/** A registry that a gate takes images from. A replica is judged as the images that it is a replica of. */
export interface AllowedRegistry {
  /** The whole of it, as it stands in references. */
  readonly host: string;
  readonly account: string;
  readonly region: string;
}

/** Which image a reference names: `<host>/<repository>@sha256:<hex>`, and nothing else is understood. Hosts are compared whole. */
export function readImageReference(reference: unknown, registries: readonly AllowedRegistry[]): Result<ImageName, Refused> {
  if (typeof reference !== 'string') return failed(refused('what should run', 'LOOKUP_FAILED', `its image is no text but ${typeof reference}`));
  const subject = plainText(reference, 500);
  const [, host, repository, digest] = /^([^/@]+)\/([^@:]+)(?::[^@/:]+)?@(sha256:[0-9a-f]{64})$/.exec(reference) ?? [];
  if (host === undefined) return failed(refused(subject, 'TAG_NOT_DIGEST'));
  const registry = registries.find(each => each.host === host);
  if (registry === undefined) return failed(refused(subject, 'UNKNOWN_REGISTRY', `allowed: ${registries.map(each => each.host).join(', ') || 'none'}`));
  const image = Image.safeParse({ account: registry.account, region: registry.region, repository, digest });
  return image.success ? ok(imageName(image.data)) : failed(refused(subject, 'LOOKUP_FAILED', 'its repository is no name that Amazon ECR knows'));
}
