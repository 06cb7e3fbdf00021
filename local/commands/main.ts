import { messageOf } from '../cloud/say';

/** A command reports its failure in one paragraph, without a stack trace. */
export function main(command: () => Promise<void>): void {
  command().catch((error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 1;
  });
}

/** Lines with the time that passed since it was made. */
export function stopwatch(
  write: (text: string) => void = text => {
    process.stdout.write(text);
  },
): (line: string) => void {
  const start = Date.now();
  return line => write(`${((Date.now() - start) / 1000).toFixed(1).padStart(6)} s  ${line}\n`);
}
