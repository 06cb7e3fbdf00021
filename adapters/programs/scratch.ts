import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { undoneAtEnd } from './unfinished';

const REMOVED = { recursive: true, force: true, maxRetries: 3 };

/** Does something in a folder of its own, which is gone afterwards, however it ends. */
export async function inScratch<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'trusted-images-'));
  const done = undoneAtEnd(() => rmSync(folder, REMOVED));
  try {
    return await work(folder);
  } finally {
    await rm(folder, REMOVED);
    done();
  }
}
