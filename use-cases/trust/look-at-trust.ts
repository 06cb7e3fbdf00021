import { inTime } from '../../adapters/in-time';
import { imageName, imageOf, sibling, type ImageName } from '../../src/core/image/image';
import type { RegisterRow } from '../../src/core/register/row';
import { errorText } from '../../src/core/text/error-text';
import { Seconds } from '../../src/core/times';
import { askRegister, type RegisterPorts } from '../../src/core/trust/ask-register';
import type { Decision } from '../../src/core/trust/decide';
import { refused, type Reason } from '../../src/core/trust/refusal';

/** The ports of one look at a trust. */
export interface LookContext extends RegisterPorts {
  readonly now: Date;
  /** What to do if the trust does not answer. @default - the remedy of every failed lookup */
  readonly remedy?: string;
}

export interface Look {
  readonly decision: Decision;
  /** Undefined if the register could not be read. */
  readonly row: RegisterRow | undefined;
  readonly children?: readonly RegisterRow[];
}

/**
 * The refusals of an index that may come from one of its images. Only for these the rows of its images are
 * read, because each look reads all of them.
 */
const OF_ITS_IMAGES: ReadonlySet<Reason> = new Set<Reason>(['FAILED', 'REVOKED']);

/**
 * Whether an image is trusted. One that cannot be looked up in time is not (rule 5.7, fail closed): a trust
 * that hangs must not keep a gate from reading break-glass grants (rule 5.11, break-glass). For a refused
 * index, the rows of its images show whether the refusal is final.
 *
 * @param silent resolves after `Seconds.trustAnswers`
 */
export async function lookAtTrust(
  image: ImageName,
  context: LookContext,
  silent: Promise<void>,
): Promise<Look> {
  const failedLookup = (why: string): Look => {
    const remedy = context.remedy === undefined ? {} : { remedy: context.remedy };
    return { row: undefined, decision: refused(image, 'LOOKUP_FAILED', why, remedy) };
  };
  const looked = look(image, context).catch((error: unknown) => failedLookup(errorText(error)));
  return inTime(looked, silent, () => failedLookup(`no answer within ${Seconds.trustAnswers} seconds`));
}

async function look(image: ImageName, context: LookContext): Promise<Look> {
  const { register, now } = context;
  const { row, decision } = await askRegister(image, context, now);
  if (decision.trusted || row.children === undefined || !OF_ITS_IMAGES.has(decision.reason)) {
    return { row, decision };
  }
  const children = await Promise.all(
    row.children.map(({ digest }) => register.load(imageName(sibling(imageOf(image), digest)))),
  );
  return { row, decision, children };
}
