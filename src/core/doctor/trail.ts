import { firstFew, found, noneHere, ok, unknown, type Look } from './line';

/** Which management events a trail logs. */
export interface ManagementEvents {
  /** Of calls that change something. A trail may log those that only read, and no others. */
  readonly writes: boolean;
  /** Sources of events that it leaves out, as `kms.amazonaws.com`. */
  readonly without: readonly string[];
  /** Fields by which it chooses among the events of a source, so that nobody here knows which are left. */
  readonly filteredBy: readonly string[];
}

/** A trail of AWS CloudTrail that covers the region. */
export interface Trail {
  readonly name: string;
  readonly isLogging: boolean;
  /** Undefined where only the account that owns the trail may see it: the trail of an organization. */
  readonly management: ManagementEvents | undefined;
}

const LIMIT = 'one that logs calls which change something, of every service whose calls a rule waits for';

/**
 * Whether rules hear of calls. CloudTrail sends a call to Amazon EventBridge only where a trail logs it, and
 * nothing fails where none does: the rule never matches.
 *
 * @param sources of calls that rules wait for, as `aws.kms`
 */
export function trail(trails: readonly Trail[], sources: readonly string[]): Look {
  if (sources.length === 0) return noneHere(LIMIT, 'rules for calls');
  const needed = sources.map(source => source.replace(/^aws\.(.*)$/, '$1.amazonaws.com'));
  const judged = trails.map(each => ({ ...each, why: whyNot(each, needed) }));
  const logs = judged.find(({ why, management }) => why === undefined && management !== undefined);
  if (logs !== undefined) return ok(LIMIT, `${logs.name} logs them`);
  const unseen = judged.find(({ why }) => why === undefined);
  if (unseen !== undefined) {
    return unknown(
      LIMIT,
      `${unseen.name} is logging, and only the account that owns it may see which events`,
      'ask who runs AWS CloudTrail of the organization whether that trail logs management events, and those of AWS KMS too',
    );
  }
  return found(
    LIMIT,
    judged.length === 0
      ? 'no trail covers this region'
      : firstFew(judged.map(({ name, why }) => `${name} (${why})`)),
    'create a trail in AWS CloudTrail that logs the management events of this region, write events of AWS KMS included: until then nobody hears who changes the signing key, and a RunWatcher sees only tasks of Amazon ECS',
  );
}

function whyNot({ isLogging, management }: Trail, needed: readonly string[]): string | undefined {
  if (!isLogging) return 'its logging is stopped';
  if (management === undefined) return undefined;
  const { writes, without, filteredBy } = management;
  if (!writes) return 'logs no management events that write';
  const lacking = needed.filter(source => without.includes(source));
  if (lacking.length > 0) return `without the events of ${lacking.join(', ')}`;
  return filteredBy.length > 0 ? `chooses events by ${filteredBy.join(', ')}` : undefined;
}
