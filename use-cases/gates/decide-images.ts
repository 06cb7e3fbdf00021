import { lookAtImage } from './look-at-image';
import { inParallel } from '../../adapters/in-parallel';
import { inTime } from '../../adapters/in-time';
import type { AlertMessage } from '../../src/core/alerts/message';
import { gateAlert } from '../../src/core/gates/gate-alert';
import { refusalText, waysOut } from '../../src/core/gates/gate-answer';
import type { GateRules } from '../../src/core/gates/gate-rules';
import type { ImageToJudge } from '../../src/core/gates/image-to-run';
import { untilWhenAllMayRun, type LookedAt } from '../../src/core/gates/looked-at';
import { nextStep, type Anyway, type Decided, type Rollback } from '../../src/core/gates/next-step';
import type { Result } from '../../src/core/result';
import { plainText } from '../../src/core/text/plain-text';
import { AtOnce, Seconds } from '../../src/core/times';
import type { BreakGlassPorts } from '../../src/core/trust/break-glass';
import { refused } from '../../src/core/trust/refusal';
import { recordUse } from '../trust/lift-refusal';
import type { LookContext } from '../trust/look-at-trust';

export interface GateContext extends LookContext {
  /** Undefined if the trust has no break-glass. */
  readonly breakGlass?: BreakGlassPorts;
  readonly evidenceBucket: string;
  /** Resolves after so many seconds. */
  pause(seconds: number): Promise<void>;
  /** Counts what is refused, or goes on without trust, and sends the message. It never rejects. */
  report(outcome: 'refused' | 'ignored', message: AlertMessage | undefined): Promise<void>;
  say(line: string): void;
}

export interface GateQuestion {
  /** What would run, for messages: `the service web`. */
  readonly subject: string;
  /** The ARN of what would run, or an account. Grants name it. */
  readonly scope: string;
  readonly rules: GateRules;
  /** Where the service does not show the reason of a refusal, the team gets it as a message. */
  readonly showsReason: boolean;
  readonly rollback: Rollback;
  /** Why a rollback brings an image back. @default - because its stack was rolling back */
  readonly whyBack?: string;
  /** The images that would run, or why that cannot be read. Rejects if a service does not say. */
  images(): Promise<Result<readonly ImageToJudge[], string>>;
  /** Whether a stack is rolling back, or undefined if nobody says. Called where `rollback` is `NOT_ASKED`. */
  isRollback?(): Promise<boolean | undefined>;
}

/**
 * Does what a decision takes: looks at the images, asks about the rollback, records the uses of grants, tells
 * the team. It ends in time, and never rejects: whatever cannot be read, looked up or decided by then is a
 * failed lookup (rule 5.7, fail closed).
 */
export async function decideImages(question: GateQuestion, context: GateContext): Promise<Decided> {
  const over = new AbortController();
  const isOver = context.pause(Seconds.gateDecides);
  const giveUp = async (why: string) => {
    over.abort();
    return decide([failedLookup(question, context, why)], question, context, over.signal);
  };
  const looked = lookAtImages(question, context).then(images =>
    decide(images, question, context, over.signal),
  );
  const decided = await inTime(looked, isOver, () =>
    giveUp(`no decision within ${Seconds.gateDecides} seconds`),
  ).catch((error: unknown) => giveUp(String(error)));
  await tell(decided, question, context);
  return decided;
}

/** @param over aborted when the time is over: then no grant is used */
async function decide(
  looked: readonly LookedAt[],
  question: GateQuestion,
  context: GateContext,
  over: AbortSignal,
): Promise<Decided> {
  for (let images = looked, { rollback } = question; ;) {
    const next = nextStep({ images, rollback }, question.rules);
    switch (next.step) {
      case 'ask about the rollback':
        rollback = await askAboutRollback(question, context);
        break;
      case 'record the uses':
        images = await inParallel(AtOnce.gateImages, images, each => withUse(each, question, context, over));
        break;
      default:
        return next;
    }
  }
}

async function lookAtImages(question: GateQuestion, context: GateContext): Promise<LookedAt[]> {
  const { scope, subject, images } = question;
  const named = await images();
  if (!named.ok) {
    const remedy = 'if it names its images well, deploy the gate with the newest version of this library';
    return [{ of: subject, refused: refused('what would run', 'NOT_READABLE', named.error, { remedy }) }];
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
  looked: LookedAt,
  { scope }: GateQuestion,
  { now, breakGlass }: GateContext,
  over: AbortSignal,
): Promise<LookedAt> {
  const { grant, note: _, ...ungranted } = looked;
  const { image, refused: why } = ungranted;
  if (grant === undefined) return looked;
  if (image === undefined || why === undefined || breakGlass === undefined) return ungranted;
  if (over.aborted) throw new Error('nobody waits for this decision any more');
  const stays = await recordUse(grant, why, image, { scope, now, breakGlass });
  return stays === undefined ? { ...looked, isUseRecorded: true } : { ...ungranted, refused: stays };
}

function failedLookup({ subject }: GateQuestion, { remedy }: GateContext, why: string): LookedAt {
  const how = remedy === undefined ? {} : { remedy };
  return { of: subject, refused: refused('what would run', 'LOOKUP_FAILED', plainText(why, 300), how) };
}

const WHY_ANYWAY: Readonly<Record<Anyway, string>> = {
  AUDIT: 'its gate only audits (Enforcement.audit)',
  ROLLBACK: 'its stack was rolling back',
};

async function tell(
  decided: Decided,
  { subject, showsReason, whyBack }: GateQuestion,
  { evidenceBucket, say, report }: GateContext,
): Promise<void> {
  switch (decided.step) {
    case 'look again':
      return;
    case 'refuse': {
      const { refusals } = decided;
      say(
        [`${subject} is refused: ${refusalText(refusals, evidenceBucket)}`, ...waysOut(refusals)].join('\n'),
      );
      const event = { outcome: 'refused', subject, why: 'what ran before runs on', refusals } as const;
      return report('refused', showsReason ? undefined : gateAlert(event, evidenceBucket));
    }
    case 'admit': {
      if (decided.anyway === undefined) {
        return say(`${subject} is admitted: ${untilWhenAllMayRun(decided.images)}`);
      }
      const { anyway, refusals } = decided;
      const why = anyway === 'ROLLBACK' && whyBack !== undefined ? whyBack : WHY_ANYWAY[anyway];
      say(`${subject} goes on without trust: ${why}; ${refusalText(refusals, evidenceBucket)}`);
      const event = { outcome: 'deployed without trust', subject, why, refusals } as const;
      return report('ignored', gateAlert(event, evidenceBucket));
    }
  }
}
