import { firstFew, found, ok, type Look } from './line';

export interface AlertTopic {
  readonly arn: string;
  readonly confirmed: number;
  readonly pending: number;
}

/** Whether anybody is notified. A subscription by e-mail counts once its link was followed. */
export function subscribers(topics: readonly AlertTopic[]): Look {
  const limit = 'at least 1 confirmed';
  const subscribe = 'subscribe somebody: trust.alerts.addSubscription(new EmailSubscription(…))';
  if (topics.length === 0) return found(limit, 'the stack has no topic for alerts', 'give ImageTrust alerts');
  const silent = topics.filter(({ confirmed }) => confirmed === 0);
  const shown = ({ arn, confirmed, pending }: AlertTopic) =>
    `${confirmed} confirmed, ${pending} pending of ${arn.split(':').at(-1)}`;
  if (silent.length === 0) return ok(limit, firstFew(topics.map(shown)));
  const mayConfirm = silent.some(({ pending }) => pending > 0);
  return found(
    limit,
    firstFew(silent.map(shown)),
    mayConfirm ? `confirm the subscription by the link in its message, or ${subscribe}` : subscribe,
  );
}
