import { createHash } from 'crypto';
import {
  type WasmImport,
  type WasmImports,
  type WasmMemory,
  type WasmModule,
  webAssembly,
} from './web-assembly';

/** What a program needs of the machine that it runs on. */
export interface WasmMachine {
  /**
   * Milliseconds of a monotonic clock, such as `performance.now()`: for the time limit, never for a decision.
   */
  readonly elapsed: () => number;
  /**
   * Does the work, or ends it and throws `ERR_SCRIPT_EXECUTION_TIMEOUT` when it takes longer. It ends work
   * that does not look at the clock for long, such as the product of two numbers of a million digits.
   *
   * @default - the program's own time limit only
   */
  readonly within?: <T>(milliseconds: number, work: () => T) => T;
}

/** What a module has access to: two clocks and random numbers, but no files, network or environment. */
export interface Sandbox {
  readonly imports: WasmImports;
  /** The time of day, in milliseconds. */
  now: number;
  /** What the module wrote, up to a limit: the reason, if it ended. */
  said: string;
}

const MAX_SAID = 4000;

/** @see https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md#errno */
const Errno = { success: 0, badf: 8, nosys: 52 } as const;
const WALL_CLOCK = 0;
const STANDARD_STREAMS = 3;
const CHARACTER_DEVICE = 2;

export function sandboxFor(module: WasmModule, machine: WasmMachine, memory: () => WasmMemory): Sandbox {
  const sandbox: Sandbox = { imports: {}, now: 0, said: '' };
  const functions = wasi(sandbox, machine, () => memory().buffer);
  for (const { module: from, name } of webAssembly.Module.imports(module)) {
    (sandbox.imports[from] ??= {})[name] = functions[name] ?? (() => Errno.nosys);
  }
  return sandbox;
}

function wasi(
  sandbox: Sandbox,
  { elapsed }: WasmMachine,
  buffer: () => ArrayBuffer,
): Record<string, WasmImport> {
  const view = () => new DataView(buffer());
  const none = (count: number, size: number) => {
    view().setUint32(count, 0, true);
    view().setUint32(size, 0, true);
    return Errno.success;
  };
  const nothing = () => Errno.success;
  const noFile = () => Errno.badf;
  const random = repeatableRandom();
  return {
    args_sizes_get: none,
    args_get: nothing,
    environ_sizes_get: none,
    environ_get: nothing,
    clock_time_get: (clock: number, _precision: bigint, at: number) => {
      view().setBigUint64(
        at,
        BigInt(Math.round((clock === WALL_CLOCK ? sandbox.now : elapsed()) * 1e6)),
        true,
      );
      return Errno.success;
    },
    random_get: (at: number, length: number) => {
      random(new Uint8Array(buffer(), at, length));
      return Errno.success;
    },
    fd_write: (_stream: number, parts: number, count: number, written: number) => {
      const memory = view();
      let total = 0;
      for (let part = parts; part < parts + 8 * count; part += 8) {
        const length = memory.getUint32(part + 4, true);
        const room = Math.min(length, MAX_SAID - sandbox.said.length);
        if (room > 0) {
          sandbox.said += new TextDecoder().decode(
            new Uint8Array(buffer(), memory.getUint32(part, true), room),
          );
        }
        total += length;
      }
      memory.setUint32(written, total, true);
      return Errno.success;
    },
    fd_fdstat_get: (stream: number, at: number) => {
      if (stream >= STANDARD_STREAMS) return Errno.badf;
      new Uint8Array(buffer(), at, 24).fill(0);
      view().setUint8(at, CHARACTER_DEVICE);
      return Errno.success;
    },
    fd_fdstat_set_flags: nothing,
    fd_prestat_get: noFile,
    fd_prestat_dir_name: noFile,
    fd_close: nothing,
    poll_oneoff: (_waitsFor: number, _events: number, count: number, happened: number) => {
      view().setUint32(happened, count, true);
      return Errno.success;
    },
    sched_yield: nothing,
    proc_exit: (code: number) => {
      throw new Error(`the program ended with ${code}`);
    },
  };
}

/**
 * The same bytes after every start: the same question gets the same answer, also where a program uses random
 * numbers. Nothing here is a secret.
 */
function repeatableRandom(): (bytes: Uint8Array) => void {
  let drawn = 0;
  return bytes => {
    for (let at = 0; at < bytes.length; at += 32) {
      bytes.set(
        createHash('sha256')
          .update(`random ${drawn++}`)
          .digest()
          .subarray(0, bytes.length - at),
        at,
      );
    }
  };
}
