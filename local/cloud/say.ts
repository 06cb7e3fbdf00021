import { createWriteStream } from 'node:fs';

export type Say = (line: string) => void;

export interface Log {
  readonly file: string;
  readonly say: Say;
  close(): Promise<void>;
}

/** One log file for the gateway, the builds and the emulator, in the order of events. */
export function openLog(file: string): Log {
  const stream = createWriteStream(file, { flags: 'a', mode: 0o600 });
  return {
    file,
    say: line => {
      if (!stream.writableEnded) {
        stream.write(`${new Date().toISOString().slice(11, 23)} ${line.trimEnd()}\n`);
      }
    },
    close: () => new Promise(done => stream.end(done)),
  };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
