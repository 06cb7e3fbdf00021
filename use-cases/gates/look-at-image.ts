import { knownImage, type ImageToRun } from '../../src/core/gates/image-to-run';
import type { Refusal } from '../../src/core/gates/service-gate';
import { whyNotJudged, type Judged } from '../../src/core/image/enrolment';
import { imageOf } from '../../src/core/image/image';
import { plainText } from '../../src/core/text/plain-text';
import { notLifted, type GrantUse } from '../../src/core/trust/break-glass';
import { REFUSALS, refused } from '../../src/core/trust/refusal';
import { whyAdmitted } from '../../src/core/trust/why-admitted';
import { askTrust, type AskContext } from '../trust/ask-trust';

export interface LookAtImageContext extends AskContext {
  readonly judged: Judged;
  /** Digests of images from elsewhere that may run. */
  readonly allowedDigests: readonly string[];
}

/** What one image comes to. */
export interface Looked {
  readonly of: ImageToRun['of'];
  readonly refusal?: Refusal;
  /** Why it may run, although it is not trusted. */
  readonly note?: string;
  /** Of a break-glass grant, to be recorded. */
  readonly use?: GrantUse;
}

/** Why what is not refused may run. */
export function notesOf(looked: readonly Looked[]): string {
  if (looked.length === 0) return 'there is no image to judge';
  const notes = looked.flatMap(({ note }) => note ?? []);
  if (notes.length === 0) return 'every image is trusted';
  return `${notes.length < looked.length ? 'the other images are trusted; ' : ''}${notes.join('; ')}`;
}

/** Only an image from elsewhere can be on the list: what the trust judges, it judges. */
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
  const uses: GrantUse[] = [];
  const { decision, row } = await askTrust(image, { ...context, breakGlass: keptBack(context, uses) });
  if (!decision.trusted) return { of, refusal: { of, refused: decision, ...(row !== undefined && { row }) } };
  const isTrusted = decision.grant === undefined && decision.heldBecause === undefined;
  return isTrusted ? { of } : { of, note: `${decision.image} is ${whyAdmitted(decision)}`, use: uses[0] };
}

/** Another image may still be refused, and then no grant was used. */
function keptBack({ breakGlass }: AskContext, uses: GrantUse[]): AskContext['breakGlass'] {
  if (breakGlass === undefined) return undefined;
  return {
    ...breakGlass,
    recordUse: async use => {
      uses.push(use);
    },
  };
}

/** Before anything is admitted by the grant (rule 5.11, break-glass). A refusal if it cannot be recorded. */
export async function recordUse(
  { of, use }: Looked,
  { breakGlass }: Pick<LookAtImageContext, 'breakGlass'>,
): Promise<Refusal | undefined> {
  if (use === undefined || breakGlass === undefined) return undefined;
  const { grant, reason, says } = use;
  try {
    await breakGlass.recordUse(use);
    return undefined;
  } catch (error) {
    const { remedy } = REFUSALS[reason];
    const why = `the use of break-glass grant ${grant.grantId} could not be recorded`;
    return { of, refused: notLifted({ trusted: false, reason, says, remedy, worst: [] }, why, error) };
  }
}
