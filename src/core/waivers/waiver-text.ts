import { failed, ok, type Result } from '../result';
import { WaiverLimit } from './waiver';
import type { Position, WaiverProblem } from '../text/problem';

/** The content of a file; without its bytes if it has more than the limit. */
export interface FileContent {
  readonly size: number;
  readonly bytes?: Uint8Array;
}

/**
 * The text of a file, or what is wrong with its bytes. What decides something is not guessed from an unknown
 * encoding.
 */
export function textOf({ size, bytes }: FileContent, file: string): Result<string, WaiverProblem[]> {
  if (bytes === undefined) {
    return failed([
      {
        file,
        line: 1,
        column: 1,
        message: `the file has ${size} bytes, allowed: ${WaiverLimit.bytes}; remove those that expired`,
      },
    ]);
  }
  try {
    // the readers of the text handle a byte order mark
    return ok(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return failed([
      {
        file,
        ...placeOfMistake(bytes),
        message: 'the file is not UTF-8 from here on; write it again as UTF-8',
      },
    ]);
  }
}

/** The lenient decoder replaces what it cannot read by a character that has other bytes. */
function placeOfMistake(bytes: Uint8Array): Position {
  const lenient = new TextEncoder().encode(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
  const at = lenient.findIndex((byte, index) => byte !== bytes[index]);
  const before = new TextDecoder().decode(bytes.subarray(0, at)).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}
