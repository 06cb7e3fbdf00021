import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cacheFolder } from './cache-folder';
import { CommandOptions, Finished, run } from './command';

/** What finding a tool needs of the computer that it runs on. */
export interface Machine {
  readonly platform: string;
  readonly cacheFolder: string;
  /** Where a program of this name lies on PATH. */
  find(name: string): string | undefined;
  exists(path: string): boolean;
  run(program: string, args: readonly string[], options?: CommandOptions): Promise<Finished>;
  download(url: string): Promise<Buffer>;
}

export const THIS_MACHINE: Machine = {
  platform: `${process.platform}-${process.arch}`,
  get cacheFolder() {
    return cacheFolder();
  },
  find: name =>
    (process.env.PATH ?? '')
      .split(delimiter)
      .map(folder => join(folder, name))
      .find(isProgram),
  exists: isProgram,
  run,
  download,
};

const TIME_TO_ANSWER = 10_000;

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function download(url: string): Promise<Buffer> {
  const impatience = new AbortController();
  const timer = setTimeout(
    () => impatience.abort(new Error(`no answer within ${TIME_TO_ANSWER / 1000} s`)),
    TIME_TO_ANSWER,
  );
  const answer = await fetch(url, { signal: impatience.signal }).finally(() => clearTimeout(timer));
  if (!answer.ok) throw new Error(`answered ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}
