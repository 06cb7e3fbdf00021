import { resolve } from 'path';

/**
 * What is read at a path that the app names. Node's own error says neither which folder a relative path
 * begins in nor what to do.
 *
 * @internal
 */
export function atPath<T>(what: string, path: string, read: (path: string) => T): T {
  try {
    return read(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const why = code === 'ENOENT' ? 'is not there' : `cannot be read (${code})`;
    throw new Error(
      `the ${what} ${JSON.stringify(path)} ${why}: a relative path begins in the folder in which the app runs, so it is ${JSON.stringify(resolve(path))}; allowed: the path of a ${what}, for example join(__dirname, ${JSON.stringify(path)})`,
    );
  }
}
