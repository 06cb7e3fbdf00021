import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { description } from './cloud';
import { patienceWith } from '../../local/cloud/patience';

/** Ask until there is an answer. */
export async function eventually<T>(
  what: string | (() => string),
  ask: () => Promise<T | undefined>,
  patience = patienceWith(description()).anything,
): Promise<T> {
  const { lookEvery } = patienceWith(description());
  for (const end = Date.now() + patience; ; await sleep(Math.max(lookEvery, 100))) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) {
      throw new Error(`waited ${patience} ms in vain for ${typeof what === 'string' ? what : what()}`);
    }
  }
}

/** Tests share one cloud, so each makes things of its own; and whoever cleans up finds them by the mark. */
export function uniqueName(prefix: string): string {
  const { mark } = description();
  return [prefix, ...(mark === undefined ? [] : [mark.id]), randomBytes(4).toString('hex')].join('-');
}
