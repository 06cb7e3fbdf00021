import { constants } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';

/**
 * A regular file that is open, or undefined where there is none: a pipe would never end, and a device is none
 * of ours. A link to a file is a file: Bazel writes layouts of them, and what is read is compared with its
 * digest. It is looked at again once it is open, and opening it waits for nobody.
 */
export async function openRegular(
  path: string,
): Promise<{ readonly file: FileHandle; readonly size: number } | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) return undefined;
  const file = await open(path, constants.O_NONBLOCK ?? constants.O_RDONLY).catch(() => undefined);
  if (file === undefined) return undefined;
  const opened = await file.stat();
  if (opened.isFile()) return { file, size: opened.size };
  await file.close();
  return undefined;
}

/**
 * The whole of a small file. `too large` is said before anything is read, and no more is read than was
 * allowed, whatever is written to it meanwhile.
 */
export async function readRegular(path: string, maxBytes: number): Promise<Buffer | 'too large' | undefined> {
  const opened = await openRegular(path);
  if (opened === undefined) return undefined;
  const { file, size } = opened;
  try {
    if (size > maxBytes) return 'too large';
    const buffer = Buffer.alloc(size + 1);
    let length = 0;
    for (let read = 1; read > 0 && length <= size; length += read) {
      read = (await file.read(buffer, length, buffer.length - length, length)).bytesRead;
    }
    return buffer.subarray(0, length);
  } finally {
    await file.close();
  }
}
