import { setTimeout as sleep } from 'node:timers/promises';
import { main, stopwatch } from './main';
import { isAlive, removeState, runningCloud } from './state-file';

const PATIENCE = 15_000;

export async function down(say: (line: string) => void): Promise<void> {
  const cloud = runningCloud();
  removeState();
  if (cloud === undefined) return say('the embedded cloud is not running');
  process.kill(cloud.pid, 'SIGTERM');
  for (const end = Date.now() + PATIENCE; isAlive(cloud.pid); await sleep(50)) {
    if (Date.now() > end) {
      throw new Error(
        `process ${cloud.pid} of the embedded cloud did not end within ${PATIENCE} ms; end it: kill -9 ${cloud.pid}`,
      );
    }
  }
  say('the embedded cloud is down, and what was in it is gone');
}

if (require.main === module) main(() => down(stopwatch()));
