import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves after so many seconds. It keeps no function running that has nothing else to do. */
export async function pause(seconds: number): Promise<void> {
  await sleep(seconds * 1000, undefined, { ref: false });
}
