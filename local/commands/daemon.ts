import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { main } from './main';
import { leaseState, removeState, stateFolder } from './state-file';
import { startCloud } from '../cloud/cloud';
import { describeCloud } from '../cloud/description';
import { ensureTrivy } from '../tools/trivy';

/** The process that `up` starts in the background, until `down` ends it. */
main(async () => {
  const say = (line: string) => {
    process.stdout.write(`${line}\n`);
  };
  const logFile = join(stateFolder(), 'cloud.log');
  rmSync(logFile, { force: true });
  const cloud = await startCloud({
    trivy: process.env.LOCAL_TRIVY ?? (await ensureTrivy(say)),
    logFile,
    say,
  });
  if (!leaseState({ pid: process.pid, ...describeCloud(cloud) })) {
    await cloud.stop();
    return;
  }
  process.on('exit', removeState);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.prependListener(signal, () => {
      void cloud.stop().then(() => process.exit(0));
    });
  }
});
