import { type Sandbox, sandboxFor, type WasmMachine } from './sandbox';
import { type WasmMemory, type WasmModule, webAssembly } from './web-assembly';
import { failed, ok, type Result } from '../result';

/** What every program exports beside its calls: wasm-call/call.go. */
interface Exports {
  readonly memory: WasmMemory;
  _initialize(): void;
  alloc(length: number): number;
  free(address: number): void;
}

type ExportedCall = (request: number) => bigint;

export interface CallLimits {
  /** The time of day for the program, in milliseconds. */
  readonly now?: number;
  /** After how long the machine ends the call, if it can. */
  readonly milliseconds?: number;
}

/** Why an instance ended. It cannot be used any more. */
export interface WasmFailure {
  readonly reason: 'memory' | 'time' | 'other';
  readonly message: string;
}

/** What `node:vm` throws when the time is over; every other `WasmMachine.within` must throw it too. */
const STOPPED = 'ERR_SCRIPT_EXECUTION_TIMEOUT';

/** A running program. */
export class WasmInstance {
  private readonly sandbox: Sandbox;
  private readonly exports: Exports;

  constructor(
    module: WasmModule,
    private readonly machine: WasmMachine,
  ) {
    this.sandbox = sandboxFor(module, machine, () => this.exports.memory);
    this.exports = new webAssembly.Instance(module, this.sandbox.imports).exports as Exports;
    this.exports._initialize();
  }

  public get memoryBytes(): number {
    return this.exports.memory.buffer.byteLength;
  }

  /**
   * Calls the program: bytes are passed as they are, everything else as JSON. The type of the answer is the
   * one that the Go side gives to this call.
   */
  public call<Answer>(
    name: string,
    request: unknown,
    { now = 0, milliseconds }: CallLimits = {},
  ): Result<Answer, WasmFailure> {
    this.sandbox.now = now;
    try {
      const bytes =
        request instanceof Uint8Array ? request : new TextEncoder().encode(JSON.stringify(request));
      const { within } = this.machine;
      const exchange = () => this.exchange(name, bytes);
      return ok(
        JSON.parse(
          within === undefined || milliseconds === undefined ? exchange() : within(milliseconds, exchange),
        ) as Answer,
      );
    } catch (error) {
      return failed(this.failureOf(error));
    }
  }

  private exchange(name: string, request: Uint8Array): string {
    const { exports } = this;
    const call = (exports as unknown as Readonly<Record<string, ExportedCall>>)[name]!;
    const address = exports.alloc(request.length);
    new Uint8Array(exports.memory.buffer, unsigned(address), request.length).set(request);
    const answer = BigInt.asUintN(64, call(address));
    const at = Number(answer / HALF);
    // a new view of the memory each time: a view is invalid as soon as the memory has grown
    const text = new TextDecoder().decode(new Uint8Array(exports.memory.buffer, at, Number(answer % HALF)));
    exports.free(at);
    return text;
  }

  private failureOf(error: unknown): WasmFailure {
    const { said } = this.sandbox;
    if (/out of memory|cannot allocate memory/.test(said)) {
      return { reason: 'memory', message: 'the program needed more memory than it has' };
    }
    // no instanceof: the machine may throw it from another realm
    const { code, message } = error as { readonly code?: string; readonly message?: string };
    if (code === STOPPED) {
      return { reason: 'time', message: 'the program did not end in time, and did not stop by itself' };
    }
    return {
      reason: 'other',
      message: [message ?? String(error), said.split('\n')[0]].filter(part => part !== '').join(': '),
    };
  }
}

const HALF = 2n ** 32n;

/** WebAssembly hands an address over as a signed number. */
function unsigned(address: number): number {
  return address < 0 ? address + 2 ** 32 : address;
}
