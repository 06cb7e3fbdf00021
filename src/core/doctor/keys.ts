import { firstFew, found, ok, type Look } from './line';

export interface KeyFacts {
  readonly arn: string;
  readonly signs: boolean;
  /** As AWS KMS says; undefined where there is no such key. */
  readonly state: string | undefined;
  readonly deletionDate?: Date;
}

/** Nothing that a disabled key signed is believed, and what it encrypted cannot be read. */
export function keys(all: readonly KeyFacts[]): Look {
  const limit = 'all enabled';
  const bad = all.filter(({ state }) => state !== 'Enabled');
  return bad.length === 0
    ? ok(limit, `${all.length} enabled, ${all.filter(({ signs }) => signs).length} of them for signatures`)
    : found(
        limit,
        firstFew(bad.map(shown)),
        'cancel the deletion, or enable the key, in AWS KMS; find out in CloudTrail who changed it',
      );
}

function shown({ arn, signs, state, deletionDate }: KeyFacts): string {
  const until = deletionDate === undefined ? '' : ` until ${deletionDate.toISOString().slice(0, 10)}`;
  return `${signs ? 'signing key ' : ''}${arn.split('/').at(-1)} (${state ?? 'gone'}${until})`;
}
