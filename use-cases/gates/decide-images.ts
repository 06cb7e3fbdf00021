import { inParallel } from '../../adapters/in-parallel';
import type { AlertMessage } from '../../src/core/alerts/message';
import { knownImage, type NamedImage } from '../../src/core/gates/named-image';
import {
  gateAlert,
  mayEndSoon,
  refusalText,
  type GateDecision,
  type Refusal,
} from '../../src/core/gates/service-gate';
import { whyNotJudged, type Judged } from '../../src/core/image/enrolment';
import { imageOf } from '../../src/core/image/image';
import { Limit } from '../../src/core/limits';
import type { Result } from '../../src/core/result';
import { whyUnknownSchema } from '../../src/core/sharing/contract';
import { plainText } from '../../src/core/text/plain-text';
import { AtOnce, Seconds } from '../../src/core/times';
import { refused, type Reason } from '../../src/core/trust/refusal';
import { whyAdmitted } from '../../src/core/trust/why-admitted';
import { askTrust, type AskContext } from '../trust/ask-trust';

/** Its scope is the question's. */
export interface GateContext extends Omit<AskContext, 'scope'> {
  readonly judged: Judged;
  /** What a trust of another app is published with. */
  readonly schemaVersion?: string;
  /** Digests of images from elsewhere that may run. */
  readonly allowedDigests: readonly string[];
  readonly enforcement: 'REFUSE' | 'AUDIT';
  readonly evidenceBucket: string;
  /** Counts what is refused, or goes on without trust, and sends the message. It never rejects. */
  report(outcome: 'refused' | 'ignored', message: AlertMessage | undefined): Promise<void>;
  say(line: string): void;
  /** Resolves after so many seconds. */
  pause(seconds: number): Promise<void>;
}

export interface GateQuestion {
  /** What would run, for messages: `the service web`. */
  readonly subject: string;
  /** The ARN of what would run. */
  readonly scope: string;
  readonly isLastLook: boolean;
  /** Where the service does not show the reason of a refusal, the team gets it as a message. */
  readonly showsReason: boolean;
  /** The images it would run, or why that cannot be read. Rejects if a service does not say. */
  images(): Promise<Result<readonly NamedImage[], string>>;
  /**
   * Whether a rollback puts back what ran before. Undefined if nobody says. Asked only about what is refused
   * (0016).
   */
  isRollback?(): Promise<boolean | undefined>;
}

/**
 * Why an image may be refused that was trusted once, or may have been. Only such an image comes back with a
 * rollback: a gate in a service does not remember what ran before, and a template can name any image.
 */
const ONCE_TRUSTED: ReadonlySet<Reason> = new Set<Reason>([
  'REVOKED',
  'EXPIRED',
  'WRONG_KEY',
  'BROKEN_STATEMENT',
  'LOOKUP_FAILED',
]);

/**
 * The one decision of the gates in services. Every image has to be trusted, or to be from elsewhere and on
 * the list of the gate. Whatever cannot be read, looked up or decided in time is refused (rule 5.7, fail
 * closed). It never rejects.
 */
export async function decideImages(question: GateQuestion, context: GateContext): Promise<GateDecision> {
  const late = context
    .pause(Seconds.gateDecides)
    .then(() => only(failedLookup(question, `no decision within ${Seconds.gateDecides} seconds`)));
  const { refusals, notes } = await Promise.race([lookAtImages(question, context), late]).catch(
    (error: unknown) => only(failedLookup(question, String(error))),
  );
  const { subject, isLastLook } = question;
  if (refusals.length === 0) {
    const says = ['every image is trusted', ...notes].join('; ');
    context.say(`${subject} is admitted: ${says}`);
    return { step: 'admit', says };
  }
  const says = refusalText(refusals, context.evidenceBucket);
  if (!isLastLook && mayEndSoon(refusals)) {
    context.say(`${subject} is looked at again: ${says}`);
    return { step: 'look again', says };
  }
  return refuse(question, refusals, says, context);
}

/** An audit and a rollback go on, and the team is notified. */
async function refuse(
  { subject, showsReason, isLastLook, isRollback }: GateQuestion,
  refusals: readonly Refusal[],
  says: string,
  context: GateContext,
): Promise<GateDecision> {
  const wasTrusted = refusals.every(({ refused: { reason } }) => ONCE_TRUSTED.has(reason));
  const isAudit = context.enforcement === 'AUDIT';
  const isBack =
    !isAudit && wasTrusted && isRollback !== undefined ? await inTime(isRollback(), context) : false;
  if (isBack === undefined && !isLastLook) {
    context.say(`${subject} is looked at again: nobody says whether its stack is rolling back; ${says}`);
    return { step: 'look again', says };
  }
  const anyway = isAudit ? 'AUDIT' : isBack === true ? 'ROLLBACK' : undefined;
  if (anyway === undefined) {
    context.say(`${subject} is refused: ${says}`);
    await context.report(
      'refused',
      showsReason ? undefined : gateAlert(`refused: ${subject}`, 'what ran before runs on', says),
    );
    return { step: 'refuse', says };
  }
  const why = anyway === 'AUDIT' ? 'its gate only audits (Enforcement.audit)' : 'its stack was rolling back';
  context.say(`${subject} goes on without trust: ${why}; ${says}`);
  await context.report('ignored', gateAlert(`deployed without trust: ${subject}`, why, says));
  return { step: 'admit', says, anyway };
}

async function inTime(
  asked: Promise<boolean | undefined>,
  { pause }: GateContext,
): Promise<boolean | undefined> {
  return Promise.race([asked, pause(Seconds.gateAsksStack).then(() => undefined)]).catch(() => undefined);
}

interface Looked {
  readonly refusals: readonly Refusal[];
  /** Of images that are admitted although they do not pass, why. */
  readonly notes: readonly string[];
}

function only(refusal: Refusal): Looked {
  return { refusals: [refusal], notes: [] };
}

async function lookAtImages(question: GateQuestion, context: GateContext): Promise<Looked> {
  const unknown = context.schemaVersion === undefined ? undefined : whyUnknownSchema(context.schemaVersion);
  if (unknown !== undefined) return only(unreadable(question, unknown));
  const images = await question.images();
  if (!images.ok) return only(unreadable(question, images.error));
  const { length } = images.value;
  if (length > Limit.gateImages) {
    return only(unreadable(question, `it has ${length} images, allowed: ${Limit.gateImages}`));
  }
  const found = await inParallel(AtOnce.gateImages, images.value, image =>
    lookAtImage(image, { ...context, scope: question.scope }),
  );
  return {
    refusals: found.flatMap(each => (typeof each === 'object' ? [each] : [])),
    notes: found.flatMap(each => (typeof each === 'string' ? [each] : [])),
  };
}

/** Only an image from elsewhere can be on the list: what the trust judges, it judges. */
async function lookAtImage(
  named: NamedImage,
  context: GateContext & AskContext,
): Promise<Refusal | string | undefined> {
  const { of } = named;
  const known = knownImage(named);
  if (!known.ok) return { of, refused: known.error };
  const { image, digest, host } = known.value;
  const elsewhere =
    image === undefined ? `it is in ${plainText(host, 200)}` : whyNotJudged(imageOf(image), context.judged);
  if (image === undefined || elsewhere !== undefined) {
    if (context.allowedDigests.includes(digest)) return undefined;
    return { of, refused: refused(image ?? `the image ${digest}`, 'ELSEWHERE', elsewhere) };
  }
  const { decision, row } = await askTrust(image, context);
  if (!decision.trusted) return { of, refused: decision, ...(row !== undefined && { row }) };
  const isTrusted = decision.grant === undefined && decision.heldBecause === undefined;
  return isTrusted ? undefined : `${decision.image} is ${whyAdmitted(decision)}`;
}

function unreadable({ subject }: GateQuestion, why: string): Refusal {
  const remedy = 'if it names its images well, deploy the gate with the newest version of this library';
  return { of: subject, refused: refused('what would run', 'NOT_READABLE', why, { remedy }) };
}

function failedLookup({ subject }: GateQuestion, why: string): Refusal {
  return { of: subject, refused: refused('what would run', 'LOOKUP_FAILED', plainText(why, 300)) };
}
