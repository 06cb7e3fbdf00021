import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EmbeddedCloud } from '../cloud/description';
import { cacheFolder } from '../tools/cache-folder';

/** What `up` writes for the other commands. It contains keys: only its owner may read it. */
export interface RunningCloud extends EmbeddedCloud {
  readonly pid: number;
}

export function stateFolder(): string {
  return join(cacheFolder(), 'cloud');
}

/**
 * Whether this cloud became the current one: of two that start at once, the second finds the file of the
 * first.
 */
export function leaseState(cloud: RunningCloud): boolean {
  const file = stateFile();
  const draft = `${file}.${cloud.pid}`;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(draft, JSON.stringify(cloud, undefined, 2), { mode: 0o600 });
  try {
    if (runningCloud() === undefined) removeState();
    linkSync(draft, file); // a reader sees all of it or nothing
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** The cloud that `up` started, if it still runs. */
export function runningCloud(): RunningCloud | undefined {
  if (!existsSync(stateFile())) return undefined;
  const cloud = JSON.parse(readFileSync(stateFile(), 'utf8')) as RunningCloud;
  return isAlive(cloud.pid) ? cloud : undefined;
}

export function mustBeRunning(): RunningCloud {
  const cloud = runningCloud();
  if (cloud === undefined) throw new Error('the embedded cloud is not running; start it: npm run local:up');
  return cloud;
}

export function removeState(): void {
  rmSync(stateFile(), { force: true });
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function stateFile(): string {
  return join(stateFolder(), 'running.json');
}
