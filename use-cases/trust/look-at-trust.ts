import { inTime } from '../../adapters/in-time';
import { imageName, imageOf, sibling, type ImageName } from '../../src/core/image/image';
import type { RegisterRow } from '../../src/core/register/row';
import { errorText } from '../../src/core/text/error-text';
import { Seconds } from '../../src/core/times';
import { askRegister, type RegisterPorts } from '../../src/core/trust/ask-register';
import type { Decision } from '../../src/core/trust/decide';
import { refused, type Reason, type Refused } from '../../src/core/trust/refusal';

/** The ports of one look at a trust. */
export interface LookContext extends RegisterPorts {
  readonly now: Date;
  /** What to do if the trust does not answer. @default - the remedy of every failed lookup */
  readonly remedy?: string;
}

export interface Look {
  readonly decision: Decision;
  readonly row: RegisterRow | undefined;
  readonly children?: readonly RegisterRow[];
}

/**
 * The refusals of an index that may come from one of its images. Only for these the rows of its images are
 * read, because each look reads all of them.
 */
const OF_ITS_IMAGES: ReadonlySet<Reason> = new Set<Reason>(['FAILED', 'REVOKED']);

/**
 * Whether an image is trusted. One that cannot be looked up is not (rule 5.7, fail closed). For a refused
 * index, the rows of its images show whether the refusal is final.
 */
export async function lookAtTrust(image: ImageName, context: LookContext): Promise<Look> {
  const { register, now } = context;
  try {
    const { row, decision } = await askRegister(image, context, now);
    if (decision.trusted || row.children === undefined || !OF_ITS_IMAGES.has(decision.reason)) {
      return { row, decision };
    }
    const children = await Promise.all(
      row.children.map(({ digest }) => register.load(imageName(sibling(imageOf(image), digest)))),
    );
    return { row, decision, children };
  } catch (error) {
    return { row: undefined, decision: failedLookup(image, errorText(error), context.remedy) };
  }
}

/**
 * The same, or a failed lookup when the time is over: a trust that hangs must not keep the gate from reading
 * break-glass grants (rule 5.11, break-glass).
 *
 * @param over resolves after `Seconds.trustAnswers`
 */
export async function lookInTime(image: ImageName, context: LookContext, over: Promise<void>): Promise<Look> {
  const why = `no answer within ${Seconds.trustAnswers} seconds`;
  return inTime(lookAtTrust(image, context), over, () => ({
    row: undefined,
    decision: failedLookup(image, why, context.remedy),
  }));
}

/** @param remedy if the trust does not answer */
export function failedLookup(image: ImageName, why: string, remedy: string | undefined): Refused {
  return refused(image, 'LOOKUP_FAILED', why, remedy === undefined ? {} : { remedy });
}
