import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { plainText } from '../../src/core/text/plain-text';
import { Seconds } from '../../src/core/times';
import { UserError } from '../../src/core/user-error';

/**
 * A blob into a file, which is there whole or not at all. It is not hashed here: who reads the file does
 * that.
 */
export async function saveBlob(
  digest: string,
  size: number,
  file: string,
  open: (signal: AbortSignal) => Promise<Response>,
): Promise<void> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), Seconds.registrySilence * 1000);
  const partial = `${file}.partial`;
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      timer.refresh();
      bytes += chunk.length;
      if (bytes > size) {
        done(new UserError(`the blob ${digest} has more than the ${size} bytes that the manifest gives it`));
      } else {
        done(null, chunk);
      }
    },
  });
  try {
    const response = await open(silence.signal);
    await pipeline(Readable.fromWeb(response.body as ReadableStream), counted, createWriteStream(partial));
    await rename(partial, file);
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (silence.signal.aborted) {
      throw new UserError(
        `the registry sent nothing of ${digest} for ${Seconds.registrySilence} seconds: try again`,
      );
    }
    throw new UserError(
      `the blob ${digest} did not arrive (${plainText(error instanceof Error ? error.message : String(error), 300)}): try again`,
    );
  } finally {
    clearTimeout(timer);
  }
}
