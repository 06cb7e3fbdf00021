import { firstFew, found, noneHere, ok, type Look } from './line';

export interface DeadLetterQueue {
  /** Its logical id. */
  readonly name: string;
  readonly messages: number;
}

/** What nobody could handle. It is deleted after 14 days. */
export function deadLetters(queues: readonly DeadLetterQueue[]): Look {
  const limit = 'none';
  if (queues.length === 0) return noneHere(limit, 'dead-letter queues');
  const full = queues.filter(({ messages }) => messages > 0);
  return full.length === 0
    ? ok(limit, `none in ${queues.length} queues`)
    : found(
        limit,
        firstFew(full.map(({ name, messages }) => `${messages} in ${name}`)),
        'cdk-trusted-images redrive --dry-run says why; fix that, then bring them back without --dry-run',
      );
}
