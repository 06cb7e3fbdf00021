import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { main } from './main';
import { removeState, stateFolder, writeState } from './state-file';
import { startCloud } from '../cloud/cloud';
import { ensureTrivy } from '../tools/trivy';

/** The process that `up` starts and leaves behind. It ends by a signal, or with its cloud. */
main(async () => {
  const say = (line: string) => { process.stdout.write(`${line}\n`); };
  const logFile = join(stateFolder(), 'cloud.log');
  rmSync(logFile, { force: true });
  const cloud = await startCloud({ trivy: process.env.LOCAL_TRIVY ?? await ensureTrivy(say), logFile, say });
  process.on('exit', removeState);
  writeState({
    pid: process.pid,
    endpoint: cloud.endpoint,
    registryHost: cloud.registryHost,
    account: cloud.account,
    region: cloud.region,
    credentials: cloud.credentials,
    token: cloud.token,
    logFile: cloud.logFile,
    toolsFolder: cloud.toolsFolder,
    socketPath: cloud.socketPath,
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.prependListener(signal, () => { void cloud.stop().then(() => process.exit(0)); });
  }
});
