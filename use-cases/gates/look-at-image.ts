import { knownImage, type ImageToRun } from '../../src/core/gates/image-to-run';
import type { Refusal } from '../../src/core/gates/service-gate';
import { whyNotJudged, type Judged } from '../../src/core/image/enrolment';
import { imageOf, type ImageName } from '../../src/core/image/image';
import { plainText } from '../../src/core/text/plain-text';
import { admittedByGrant } from '../../src/core/trust/break-glass';
import type { Trusted } from '../../src/core/trust/decide';
import { refused, type Refused } from '../../src/core/trust/refusal';
import { whyAdmitted } from '../../src/core/trust/why-admitted';
import type { AskContext } from '../trust/ask-trust';
import { findGrant, useGrant } from '../trust/lift-refusal';
import { lookInTime } from '../trust/look-at-trust';

export interface LookAtImageContext extends AskContext {
  readonly judged: Judged;
  /** Digests of external images that may run. */
  readonly allowedDigests: readonly string[];
  /** Resolves when the trust had its time to answer about all images. */
  readonly silent: Promise<void>;
}

/** What one image comes to. */
export interface Looked {
  readonly of: ImageToRun['of'];
  readonly refusal?: Refusal;
  /** Why it may run, although it is not trusted. */
  readonly note?: string;
  /**
   * Uses its break-glass grant: records that, before anything is admitted by the grant. A refusal if that
   * fails. Not called while another image is refused: then no grant was used.
   */
  readonly use?: () => Promise<Refusal | undefined>;
}

/** Why what is not refused may run. */
export function notesOf(looked: readonly Looked[]): string {
  if (looked.length === 0) return 'there is no image to judge';
  const notes = looked.flatMap(({ note }) => note ?? []);
  if (notes.length === 0) return 'every image is trusted';
  return `${notes.length < looked.length ? 'the other images are trusted; ' : ''}${notes.join('; ')}`;
}

/** Only an external image can be on the list: what the trust judges, it judges. */
export async function lookAtImage(named: ImageToRun, context: LookAtImageContext): Promise<Looked> {
  const { of } = named;
  const known = knownImage(named);
  if (!known.ok) return { of, refusal: { of, refused: known.error } };
  const { image, digest, host } = known.value;
  const elsewhere =
    image === undefined ? `it is in ${plainText(host, 200)}` : whyNotJudged(imageOf(image), context.judged);
  if (image === undefined || elsewhere !== undefined) {
    if (context.allowedDigests.includes(digest)) return { of, note: `${of} is on the list of the gate` };
    const subject = image ?? `the image ${digest}`;
    return { of, refusal: { of, refused: refused(subject, 'ELSEWHERE', elsewhere) } };
  }
  return lookAtJudged(of, image, context);
}

async function lookAtJudged(
  of: Looked['of'],
  image: ImageName,
  context: LookAtImageContext,
): Promise<Looked> {
  const { decision, row } = await lookInTime(image, context, context.silent);
  const noted = (admitted: Trusted): Looked => ({ of, note: `${image} is ${whyAdmitted(admitted)}` });
  if (decision.trusted) return decision.heldBecause === undefined ? { of } : noted(decision);
  const refusalOf = (why: Refused): Refusal => ({ of, refused: why, ...(row !== undefined && { row }) });
  const { scope, now, breakGlass } = context;
  if (breakGlass === undefined) return { of, refusal: refusalOf(decision) };
  const lift = { scope, now, breakGlass };
  const found = await findGrant(decision, image, lift);
  if (!found.ok) return { of, refusal: refusalOf(found.error) };
  const use = async () => {
    const used = await useGrant(found.value, decision, image, lift);
    return used.trusted ? undefined : refusalOf(used);
  };
  return { ...noted(admittedByGrant(image, found.value)), use };
}
