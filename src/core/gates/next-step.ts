import { waitedSeconds, type GateRules } from './gate-rules';
import { hasUnrecordedUse, refusalsOf, type LookedAt, type Refusal } from './looked-at';
import { mayEnd } from './may-end';

/** What a gate knows so far. */
export interface Known {
  readonly images: readonly LookedAt[];
  readonly rollback: Rollback;
}

/** Whether a rollback puts back what ran before. `NOT_ASKED`: the gate can ask. */
export type Rollback = 'YES' | 'NO' | 'UNKNOWN' | 'NOT_ASKED';

/** Why an image is admitted although it is refused. */
export type AdmittedAnyway = 'AUDIT' | 'ROLLBACK';

/** What a gate has decided. */
export type Decided =
  | { readonly step: 'admit'; readonly images: readonly LookedAt[]; readonly anyway?: undefined }
  | {
      readonly step: 'admit';
      readonly images: readonly LookedAt[];
      readonly anyway: AdmittedAnyway;
      readonly refusals: Refusals;
    }
  | {
      readonly step: 'look again';
      readonly refusals: Refusals;
      readonly waitsFor: 'TRUST' | 'ROLLBACK';
      readonly inSeconds: number;
    }
  | { readonly step: 'refuse'; readonly refusals: Refusals };

/** At least one. */
type Refusals = readonly [Refusal, ...Refusal[]];

/** What a gate does next. */
export type Step =
  | Decided
  | { readonly step: 'ask about the rollback' }
  | { readonly step: 'record the uses' };

/**
 * The decision of every gate. All images have to be trusted, or nothing starts. What is refused may run in a
 * rollback or in an audit. A grant is used where everything is admitted, and its use is recorded before
 * (rule 5.11, break-glass). Whatever is not known is refused in the end (rule 5.7, fail closed).
 */
export function nextStep({ images, rollback }: Known, rules: GateRules): Step {
  const [first, ...more] = refusalsOf(images);
  const step: Step =
    first === undefined
      ? { step: 'admit', images }
      : stepWhereRefused([first, ...more], { images, rollback }, rules);
  return step.step === 'admit' && images.some(hasUnrecordedUse) ? { step: 'record the uses' } : step;
}

function stepWhereRefused(refusals: Refusals, { images, rollback }: Known, rules: GateRules): Step {
  const { enforcement, isLastLook, looksAgainInSeconds: inSeconds } = rules;
  const restores = whetherRollbackRestores(refusals, rollback, rules);
  if (restores === 'ASK') return { step: 'ask about the rollback' };
  if (restores === 'YES') return { step: 'admit', images, anyway: 'ROLLBACK', refusals };
  const waitsFor = restores === 'UNKNOWN' ? 'ROLLBACK' : 'TRUST';
  const isWorthALook = restores !== 'NO' || refusals.every(each => mayEnd(each, rules));
  if (isWorthALook && !isLastLook) return { step: 'look again', refusals, waitsFor, inSeconds };
  const waited = withTimeWaited(refusals, rules);
  return enforcement === 'AUDIT'
    ? { step: 'admit', images, anyway: 'AUDIT', refusals: waited }
    : { step: 'refuse', refusals: waited };
}

/**
 * Whether a rollback restores everything that is refused (0016, 0040). `NOT_YET`: it restores some, and the
 * others may yet be trusted. Nobody is asked for an audit, which admits in any case.
 */
function whetherRollbackRestores(
  refusals: readonly Refusal[],
  rollback: Rollback,
  rules: GateRules,
): 'YES' | 'NO' | 'NOT_YET' | 'UNKNOWN' | 'ASK' {
  const others = refusals.filter(each => !isRestorable(each, rules));
  if (others.length === refusals.length || !others.every(each => mayEnd(each, rules))) return 'NO';
  if (others.length > 0 && rules.isLastLook) return 'NO';
  if (rollback === 'NO') return 'NO';
  if (rollback === 'NOT_ASKED') return rules.enforcement === 'AUDIT' ? 'NO' : 'ASK';
  if (rollback === 'UNKNOWN' && rules.unknownRollback === 'LOOKS_AGAIN') return 'UNKNOWN';
  return others.length === 0 ? 'YES' : 'NOT_YET';
}

/**
 * The reason of a refusal proves nothing: an audit lets everything through, and a PASS may expire unsigned.
 * So the row has to say that the image was trusted once. What could not be looked up has no row.
 */
function isRestorable({ refused: { reason }, row }: Refusal, { rememberedIn }: GateRules): boolean {
  return rememberedIn === 'PHYSICAL_ID' || (row?.wasTrusted === true && reason !== 'OTHER_IMAGE');
}

/** Where waiting did not help, the refusal says for how long the gate waited. */
function withTimeWaited([first, ...more]: Refusals, rules: GateRules): Refusals {
  const { requested, isLastLook } = rules;
  const withTime = (refusal: Refusal): Refusal => {
    if (requested === undefined || !isLastLook || !mayEnd(refusal, rules)) return refusal;
    const minutes = Math.round(waitedSeconds(requested) / 60);
    const says = `${refusal.refused.says}; nothing changed within ${minutes} minutes`;
    return { ...refusal, refused: { ...refusal.refused, says } };
  };
  return [withTime(first), ...more.map(withTime)];
}
