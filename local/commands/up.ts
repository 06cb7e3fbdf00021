import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { main, stopwatch } from './main';
import { isAlive, RunningCloud, runningCloud, stateFolder } from './state-file';

/** Trivy may have to be built once, so this waits for the process and not for a fixed time. */
export async function up(say: (line: string) => void): Promise<RunningCloud> {
  const running = runningCloud();
  if (running !== undefined) {
    say(`the embedded cloud is already up at ${running.endpoint} (process ${running.pid})`);
    return running;
  }
  say('starting the embedded cloud');
  mkdirSync(stateFolder(), { recursive: true, mode: 0o700 });
  const output = join(stateFolder(), 'daemon.log');
  const log = openSync(output, 'w', 0o600);
  const daemon = spawn(process.execPath, [...process.execArgv, resolve(__dirname, 'daemon.ts')], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  daemon.unref();
  for (let said = 0; ; await sleep(50)) {
    const lines = readFileSync(output, 'utf8').split('\n').slice(0, -1);
    lines.slice(said).forEach(line => say(line));
    said = lines.length;
    const cloud = runningCloud();
    if (cloud !== undefined) {
      say(
        `the embedded cloud is up at ${cloud.endpoint}; images go to ${cloud.registryHost}; its log is ${cloud.logFile}`,
      );
      return cloud;
    }
    if (!isAlive(daemon.pid!)) {
      throw new Error(
        `the embedded cloud did not start; see ${output} and ${join(stateFolder(), 'cloud.log')}`,
      );
    }
  }
}

if (require.main === module) {
  main(async () => {
    await up(stopwatch());
  });
}
