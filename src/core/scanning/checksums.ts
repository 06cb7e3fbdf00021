import { failed, ok, type Result } from '../result';

const LINE = /^([0-9a-f]{64}) [ *]([A-Za-z0-9._-]{1,64})$/;

/** `SHA256SUMS` as sha256sum writes it: file name to checksum. */
export function readChecksums(text: string): Result<ReadonlyMap<string, string>, string> {
  const sums = new Map<string, string>();
  for (const line of text.split('\n').filter(each => each !== '')) {
    const [, sum, file] = LINE.exec(line) ?? [];
    if (sum === undefined || file === undefined || sums.has(file)) {
      return failed('SHA256SUMS has a line that is not a checksum, or a file twice');
    }
    sums.set(file, sum);
  }
  return ok(sums);
}
