import { failed, ok, type Result } from '../result';

/** The attribute by which a function of ours names the queue that a message was in. */
export const QUEUE_ATTRIBUTE = 'Queue';
/** The attribute by which a function of ours says why it could not handle a message. */
export const WHY_ATTRIBUTE = 'Why';

export interface DeadLetter {
  /** Attributes of the message: by one of our functions, or by EventBridge. */
  readonly attributes: Readonly<Partial<Record<string, string>>>;
  /** What SQS itself says, of what it moved. No sender can write this. */
  readonly movedFrom?: string;
}

export interface DeployedQueue {
  readonly arn: string;
  /** The ARN of its dead-letter queue. */
  readonly deadLetters?: string;
}

/**
 * The queue that a dead letter is brought back to. A message could name any, so it has to be one whose dead
 * letters lie in this very queue: what importers sent reaches no queue where more of it would be believed
 * (0036).
 */
export function wayBack<Queue extends DeployedQueue>(
  letter: DeadLetter,
  liesIn: string,
  queues: readonly Queue[],
): Result<Queue, string> {
  const arn = letter.movedFrom ?? letter.attributes.TARGET_ARN ?? letter.attributes[QUEUE_ATTRIBUTE];
  if (arn === undefined) return failed('it does not say which queue it is of');
  const queue = queues.find(each => each.arn === arn);
  if (queue === undefined) return failed(`it says that it is of ${arn}, which is no queue of this trust`);
  if (queue.deadLetters !== liesIn) {
    return failed(
      `it says that it is of ${arn}, whose dead letters lie in ${queue.deadLetters ?? 'no queue'}`,
    );
  }
  return ok(queue);
}

/** Why it is here. */
export function whyDead({ attributes, movedFrom }: DeadLetter): string {
  if (movedFrom !== undefined) return 'it came back too often: its function crashes on it, or cannot run';
  const { ERROR_CODE: code, ERROR_MESSAGE: message, RULE_ARN: rule } = attributes;
  if (rule !== undefined || code !== undefined) {
    return `EventBridge could not deliver it: ${[code, message].filter(text => text !== undefined).join(': ')}`;
  }
  return attributes[WHY_ATTRIBUTE] ?? 'unknown';
}
