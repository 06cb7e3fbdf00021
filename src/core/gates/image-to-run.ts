import { whyNotJudged, type Judged } from '../image/enrolment';
import { Digest, imageName, imageOf, type ImageName } from '../image/image';
import { meantRegistry, readImageReference } from '../image/image-reference';
import { failed, ok, type Result } from '../result';
import { plainText, quoted } from '../text/plain-text';
import { refused, type Refused } from '../trust/refusal';

/** An image that a service is about to run, as it names it. */
export interface ImageToRun {
  /** Who would run it, for messages: `container "web"`. */
  readonly of: string;
  /** As it is written. Whatever is not text names no image. */
  readonly reference: unknown;
  /** The digest that the service has resolved it to, and will run. */
  readonly digest?: string;
}

/** An image to ask the trust about, or what is known without asking. */
export type ImageToJudge =
  | { readonly of: ImageToRun['of']; readonly image: ImageName }
  | { readonly of: ImageToRun['of']; readonly refused: Refused }
  | { readonly of: ImageToRun['of']; readonly allowed: 'ON_THE_LIST'; readonly note: string };

/** Whose images the trust judges, and which others may run. */
export interface KnownRegistries {
  readonly judged: Judged;
  /** Digests of external images that may run. */
  readonly allowedDigests: readonly string[];
}

/** Only an external image can be on the list of a gate: what the trust judges, it judges. */
export function whoJudges(named: ImageToRun, { judged, allowedDigests }: KnownRegistries): ImageToJudge {
  const { of } = named;
  const known = knownImage(named);
  if (!known.ok) return { of, refused: known.error };
  const { image, digest, host } = known.value;
  const elsewhere =
    image === undefined ? `it is in ${plainText(host, 200)}` : whyNotJudged(imageOf(image), judged);
  if (image !== undefined && elsewhere === undefined) return { of, image };
  if (allowedDigests.includes(digest)) {
    return { of, allowed: 'ON_THE_LIST', note: `${of} is on the list of the gate` };
  }
  return { of, refused: refused(image ?? `the image ${digest}`, 'ELSEWHERE', elsewhere) };
}

/** Which image it is. */
export interface KnownImage {
  readonly digest: string;
  /** Where it was pushed; for messages. */
  readonly host: string;
  /** Undefined for an image that is not in a registry of Amazon ECR. */
  readonly image?: ImageName;
}

/** Dynamic references and variables of CloudFormation and CodePipeline. */
const UNRESOLVED = /\{\{resolve:|\$\{|#\{/;

/**
 * Which image a name means, or why nobody can tell. It needs a digest: a tag may name another image when the
 * container starts (rule 5.7, fail closed).
 */
export function knownImage({ reference, digest: resolved }: ImageToRun): Result<KnownImage, Refused> {
  const shown = typeof reference === 'string' ? quoted(reference, 500) : typeOf(reference);
  const subject = `the image ${shown}`;
  const unreadable = (detail: string) => failed(refused(subject, 'NOT_READABLE', detail));
  if (typeof reference !== 'string') return unreadable('it is no text');
  if (UNRESOLVED.test(reference)) return unreadable('it has a value that is not resolved yet');
  const read = readImageReference(reference);
  if (!read.ok) return unreadable(`it ${read.error}`);
  const { host, digest: written, ecr } = read.value;
  const meant = meantRegistry(host);
  if (meant !== undefined) return unreadable(`it writes the registry ${quoted(meant, 300)} in another way`);
  if (written !== undefined && resolved !== undefined && written !== resolved) {
    return unreadable(`it was resolved to another digest, ${quoted(resolved, 100)}`);
  }
  const digest = written ?? resolved;
  if (digest === undefined) return failed(refused(subject, 'TAG_NOT_DIGEST'));
  if (!Digest.safeParse(digest).success) return unreadable('its digest is not sha256:<64 hex>');
  return ok({ digest, host, ...(ecr !== undefined && { image: imageName({ ...ecr, digest }) }) });
}

function typeOf(value: unknown): string {
  if (value === undefined || value === null) return '(none)';
  return Array.isArray(value) ? '(a list)' : `(of type ${typeof value})`;
}
