import { lookAtImage } from './look-at-image';
import { tellDecision, type TellContext, type Told } from './tell-decision';
import { inParallel } from '../../adapters/in-parallel';
import { inTime } from '../../adapters/in-time';
import type { GateRules } from '../../src/core/gates/gate-rules';
import type { ImageToJudge } from '../../src/core/gates/image-to-run';
import { hasUnrecordedUse, type LiftedBy, type LookedAt, type Refusal } from '../../src/core/gates/looked-at';
import { nextStep, type Decided, type Rollback } from '../../src/core/gates/next-step';
import type { Result } from '../../src/core/result';
import { plainText } from '../../src/core/text/plain-text';
import { AtOnce, Seconds } from '../../src/core/times';
import type { BreakGlassPorts } from '../../src/core/trust/break-glass';
import { refused } from '../../src/core/trust/refusal';
import { recordUse } from '../trust/lift-refusal';
import type { LookContext } from '../trust/look-at-trust';

export interface GateContext extends LookContext, TellContext {
  /** Undefined if the trust has no break-glass. */
  readonly breakGlass?: BreakGlassPorts;
  /** Resolves after so many seconds. */
  pause(seconds: number): Promise<void>;
}

export interface GateQuestion extends Told {
  /** The ARN of what would run, or an account. Grants name it. */
  readonly scope: string;
  readonly rules: GateRules;
  readonly rollback: Rollback;
  /** What is refused if nobody can say which images would run. @default 'what would run' */
  readonly about?: string;
  /** The images that would run, or why that cannot be read. Rejects if a service does not say. */
  images(): Promise<Result<readonly ImageToJudge[], string>>;
  /** Whether a stack is rolling back, or undefined if nobody says. Called where `rollback` is `NOT_ASKED`. */
  isRollback?(): Promise<boolean | undefined>;
}

/**
 * Looks at the images, and does what the decision asks for until there is an answer. It ends in time, and
 * never rejects: whatever cannot be read, looked up or decided by then is a failed lookup (rule 5.7, fail
 * closed).
 */
export async function decideImages(question: GateQuestion, context: GateContext): Promise<Decided> {
  const over = new AbortController();
  const isOver = context.pause(Seconds.gateDecides);
  // also runs after a decision in time, when its result counts for nothing: it may have no effect
  const giveUp = async (why: string) => {
    over.abort();
    return decide([failedLookup(question, why)], question, context, new AbortController().signal);
  };
  const looked = lookAtImages(question, context).then(images =>
    decide(images, question, context, over.signal),
  );
  const decided = await inTime(looked, isOver, () =>
    giveUp(`no decision within ${Seconds.gateDecides} seconds`),
  ).catch((error: unknown) => giveUp(String(error)));
  await tellDecision(decided, question, context);
  return decided;
}

/** @param over aborted when the time is over: then nobody is asked, and no grant is used */
async function decide(
  looked: readonly LookedAt[],
  question: GateQuestion,
  context: GateContext,
  over: AbortSignal,
): Promise<Decided> {
  for (let images = looked, { rollback } = question; ;) {
    const next = nextStep({ images, rollback }, question.rules);
    over.throwIfAborted();
    switch (next.step) {
      case 'ask about the rollback':
        rollback = await askAboutRollback(question, context);
        break;
      case 'record the uses':
        images = await inParallel(AtOnce.gateImages, images, async each => {
          over.throwIfAborted();
          return hasUnrecordedUse(each) ? withUse(each, question, context) : each;
        });
        break;
      default:
        return next;
    }
  }
}

async function lookAtImages(question: GateQuestion, context: GateContext): Promise<LookedAt[]> {
  const { scope, subject, about, images } = question;
  const named = await images();
  if (!named.ok) {
    const remedy = 'if it names its images well, deploy the gate with the newest version of this library';
    return [{ of: subject, refused: refused(about ?? UNNAMED, 'NOT_READABLE', named.error, { remedy }) }];
  }
  const looking = { ...context, scope, silent: context.pause(Seconds.trustAnswers) };
  return inParallel(AtOnce.gateImages, named.value, async each =>
    'image' in each ? lookAtImage(each, looking) : each,
  );
}

async function askAboutRollback(
  { isRollback }: GateQuestion,
  { pause }: GateContext,
): Promise<'YES' | 'NO' | 'UNKNOWN'> {
  const asked = isRollback?.() ?? Promise.resolve(undefined);
  const isBack = await inTime(asked, pause(Seconds.gateAsksStack), () => undefined).catch(() => undefined);
  return isBack === undefined ? 'UNKNOWN' : isBack ? 'YES' : 'NO';
}

/** A grant whose use cannot be recorded is none. */
async function withUse(
  { grant, ...refusal }: Refusal & { readonly grant: LiftedBy },
  { scope }: GateQuestion,
  { now, breakGlass }: GateContext,
): Promise<Refusal> {
  const { image, refused: why } = refusal;
  if (image === undefined || breakGlass === undefined) return refusal;
  const stays = await recordUse(grant.found, why, image, { scope, now, breakGlass });
  return stays === undefined
    ? { ...refusal, grant: { ...grant, isUseRecorded: true } }
    : { ...refusal, refused: stays };
}

const UNNAMED = 'what would run';

function failedLookup({ subject, about }: GateQuestion, why: string): Refusal {
  return { of: subject, refused: refused(about ?? UNNAMED, 'LOOKUP_FAILED', plainText(why, 300)) };
}
