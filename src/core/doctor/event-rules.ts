import { firstFew, found, noneHere, ok, type Look } from './line';

export interface EventRule {
  /** Its logical id. */
  readonly name: string;
  /** As EventBridge says; undefined where the rule is gone. */
  readonly state: string | undefined;
  /** Ids of targets, as there are and as the template has them. */
  readonly targets: readonly string[];
  readonly wanted: readonly string[];
}

/** Whether pushes, ends of builds, verdicts and schedules reach what handles them. */
export function eventRules(rules: readonly EventRule[]): Look {
  const limit = 'all enabled, with their targets';
  if (rules.length === 0) return noneHere(limit, 'event rules');
  const broken = rules.flatMap(rule => {
    const why = whyNot(rule);
    return why === undefined ? [] : [`${rule.name} (${why})`];
  });
  return broken.length === 0
    ? ok(limit, `${rules.length} enabled`)
    : found(
        limit,
        firstFew(broken),
        'enable them in Amazon EventBridge, or deploy the stack again; find out in CloudTrail who changed them',
      );
}

function whyNot({ state, targets, wanted }: EventRule): string | undefined {
  if (state === undefined) return 'gone';
  if (!state.startsWith('ENABLED')) return state;
  const lacking = wanted.filter(target => !targets.includes(target));
  return lacking.length === 0 ? undefined : `without its target ${lacking.join(', ')}`;
}
