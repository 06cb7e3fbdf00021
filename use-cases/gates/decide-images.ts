import { lookAtImage, notesOf, type LookAtImageContext } from './look-at-image';
import { inParallel } from '../../adapters/in-parallel';
import { inTime } from '../../adapters/in-time';
import type { AlertMessage } from '../../src/core/alerts/message';
import type { ImageToRun } from '../../src/core/gates/image-to-run';
import {
  gateAlert,
  mayComeBack,
  mayEndSoon,
  refusalText,
  SHOWN_CHARACTERS,
  shownText,
  waysOut,
  withWaysOut,
  type GateDecision,
  type Refusal,
} from '../../src/core/gates/service-gate';
import { Limit } from '../../src/core/limits';
import type { Result } from '../../src/core/result';
import { whyUnknownSchema } from '../../src/core/sharing/contract';
import { plainText } from '../../src/core/text/plain-text';
import { AtOnce, Seconds } from '../../src/core/times';
import { refused } from '../../src/core/trust/refusal';

/** Its scope is the question's. */
export interface GateContext extends Omit<LookAtImageContext, 'scope' | 'silent'> {
  /** What a trust of another app is published with. */
  readonly schemaVersion?: string;
  readonly enforcement: 'REFUSE' | 'AUDIT';
  readonly evidenceBucket: string;
  /** Counts what is refused, or goes on without trust, and sends the message. It never rejects. */
  report(outcome: 'refused' | 'ignored', message: AlertMessage | undefined): Promise<void>;
  say(line: string): void;
}

export interface GateQuestion {
  /** What would run, for messages: `the service web`. */
  readonly subject: string;
  /** The ARN of what would run. */
  readonly scope: string;
  readonly isLastLook: boolean;
  /** Where the service does not show the reason of a refusal, the team gets it as a message. */
  readonly showsReason: boolean;
  /** How many characters of it. @default SHOWN_CHARACTERS */
  readonly shows?: number;
  /** The images it would run, or why that cannot be read. Rejects if a service does not say. */
  images(): Promise<Result<readonly ImageToRun[], string>>;
  /**
   * Whether a rollback puts back what ran before. Undefined if nobody says. Asked only about what is refused
   * (0016).
   */
  isRollback?(): Promise<boolean | undefined>;
}

/**
 * The one decision of the gates in services. Every image has to be trusted, or to be external and on
 * the list of the gate. Whatever cannot be read, looked up or decided in time is refused (rule 5.7, fail
 * closed). It never rejects.
 */
export async function decideImages(question: GateQuestion, context: GateContext): Promise<GateDecision> {
  const over = new AbortController();
  const { refusals, notes, isBack } = await inTime(
    weigh(question, context, over.signal),
    context.pause(Seconds.gateDecides),
    () => {
      over.abort();
      return only(failedLookup(question, `no decision within ${Seconds.gateDecides} seconds`));
    },
  ).catch((error: unknown) => only(failedLookup(question, String(error))));
  const { subject, isLastLook } = question;
  if (refusals.length === 0) {
    context.say(`${subject} is admitted: ${notes}`);
    return { step: 'admit', says: notes };
  }
  const all = refusalText(refusals, context.evidenceBucket);
  const says = shownText(refusals, context.evidenceBucket);
  if (!isLastLook && isBack !== 'YES' && (mayEndSoon(refusals) || isBack === 'NOT_YET_KNOWN')) {
    const why = isBack === 'NOT_YET_KNOWN' ? 'nobody says yet whether a rollback puts it back; ' : '';
    context.say(`${subject} is looked at again: ${why}${all}`);
    return { step: 'look again', says };
  }
  const anyway = context.enforcement === 'AUDIT' ? 'AUDIT' : isBack === 'YES' ? 'ROLLBACK' : undefined;
  if (anyway === undefined) {
    const ways = waysOut(refusals);
    const whole = [all, ...ways].join('\n');
    context.say(`${subject} is refused: ${whole}`);
    await context.report(
      'refused',
      question.showsReason ? undefined : gateAlert(`refused: ${subject}`, 'what ran before runs on', whole),
    );
    return { step: 'refuse', says: withWaysOut(says, ways, question.shows ?? SHOWN_CHARACTERS) };
  }
  const why = anyway === 'AUDIT' ? 'its gate only audits (Enforcement.audit)' : 'its stack was rolling back';
  context.say(`${subject} goes on without trust: ${why}; ${all}`);
  await context.report('ignored', gateAlert(`deployed without trust: ${subject}`, why, all));
  return { step: 'admit', says, anyway };
}

/** Whether a rollback puts back images that were trusted once. */
type IsBack = 'YES' | 'NO' | 'NOT_YET_KNOWN';

interface Weighed {
  readonly refusals: readonly Refusal[];
  /** Why what is not refused may run. */
  readonly notes: string;
  readonly isBack: IsBack;
}

function only(refusal: Refusal): Weighed {
  return { refusals: [refusal], notes: '', isBack: 'NO' };
}

/**
 * Grants are used where all images are admitted. Their uses are recorded before (rule 5.11, break-glass), and
 * not after the gate has refused.
 *
 * @param over aborted when the gate has refused
 */
async function weigh(question: GateQuestion, context: GateContext, over: AbortSignal): Promise<Weighed> {
  const unknown = context.schemaVersion === undefined ? undefined : whyUnknownSchema(context.schemaVersion);
  if (unknown !== undefined) return only(unreadable(question, unknown));
  const images = await question.images();
  if (!images.ok) return only(unreadable(question, images.error));
  const { length } = images.value;
  if (length > Limit.gateImages) {
    return only(unreadable(question, `it has ${length} images, allowed: ${Limit.gateImages}`));
  }
  const looking = { ...context, scope: question.scope, silent: context.pause(Seconds.trustAnswers) };
  const looked = await inParallel(AtOnce.gateImages, images.value, image => lookAtImage(image, looking));
  const refusals = looked.flatMap(({ refusal }) => refusal ?? []);
  const notes = notesOf(looked);
  const isBack = await whetherBack(question, refusals, context);
  if (!isAdmitted(question, refusals, isBack, context)) return { refusals, notes, isBack };
  const unrecorded = await inParallel(AtOnce.gateImages, looked, async ({ use }) =>
    over.aborted ? undefined : use?.(),
  );
  const failed = unrecorded.flatMap(each => each ?? []);
  return failed.length === 0
    ? { refusals, notes, isBack }
    : { refusals: [...refusals, ...failed], notes, isBack: 'NO' };
}

function isAdmitted(
  { isLastLook }: GateQuestion,
  refusals: readonly Refusal[],
  isBack: IsBack,
  { enforcement }: GateContext,
): boolean {
  if (refusals.length === 0 || isBack === 'YES') return true;
  return enforcement === 'AUDIT' && (isLastLook || !mayEndSoon(refusals));
}

async function whetherBack(
  { isRollback, isLastLook }: GateQuestion,
  refusals: readonly Refusal[],
  context: GateContext,
): Promise<IsBack> {
  const open = refusals.filter(refusal => !mayComeBack(refusal));
  const mayBe = open.length < refusals.length && mayEndSoon(open);
  if (context.enforcement === 'AUDIT' || isRollback === undefined || !mayBe) return 'NO';
  if (open.length > 0 && isLastLook) return 'NO';
  const isBack = await saidInTime(isRollback(), context);
  if (isBack === false) return 'NO';
  return isBack === undefined || open.length > 0 ? 'NOT_YET_KNOWN' : 'YES';
}

async function saidInTime(
  asked: Promise<boolean | undefined>,
  { pause }: GateContext,
): Promise<boolean | undefined> {
  return inTime(asked, pause(Seconds.gateAsksStack), () => undefined).catch(() => undefined);
}

function unreadable({ subject }: GateQuestion, why: string): Refusal {
  const remedy = 'if it names its images well, deploy the gate with the newest version of this library';
  return { of: subject, refused: refused('what would run', 'NOT_READABLE', why, { remedy }) };
}

function failedLookup({ subject }: GateQuestion, why: string): Refusal {
  return { of: subject, refused: refused('what would run', 'LOOKUP_FAILED', plainText(why, 300)) };
}
