import type { RegoProblem } from './problem';
import { type RegoMachine, type Sandbox, sandboxFor } from './sandbox';
import { type WasmMemory, type WasmModule, webAssembly } from './web-assembly';
import { failed, ok, type Result } from '../result';

/** What rego/main.go exports. */
interface Exports {
  readonly memory: WasmMemory;
  _initialize(): void;
  rego_alloc(length: number): number;
  rego_free(address: number): void;
  rego_prepare(request: number): bigint;
  rego_report(request: number): bigint;
  rego_operating_system(request: number): bigint;
  rego_evaluate(request: number): bigint;
}

export type Call = 'rego_prepare' | 'rego_report' | 'rego_operating_system' | 'rego_evaluate';

export interface CallLimits {
  /** The time of day for the policy, in milliseconds. */
  readonly now?: number;
  /** After how long the machine ends the call, if it can. */
  readonly milliseconds?: number;
}

/** Problems after which the instance cannot be used any more. */
export const ENGINE_ENDED = {
  memory: 'engine_out_of_memory',
  time: 'engine_stopped',
  other: 'engine_trap',
} as const;

/** What `node:vm` throws when the time is over; every other `RegoMachine.within` must throw it too. */
const STOPPED = 'ERR_SCRIPT_EXECUTION_TIMEOUT';

/** A running engine. It holds one set of modules, and one report at a time. */
export class RegoInstance {
  private readonly sandbox: Sandbox;
  private readonly exports: Exports;

  constructor(
    module: WasmModule,
    private readonly machine: RegoMachine,
  ) {
    this.sandbox = sandboxFor(module, machine, () => this.exports.memory);
    this.exports = new webAssembly.Instance(module, this.sandbox.imports).exports as Exports;
    this.exports._initialize();
  }

  public get memoryBytes(): number {
    return this.exports.memory.buffer.byteLength;
  }

  /**
   * Calls the engine: bytes are passed as they are, everything else as JSON. The type of the answer is the
   * one that the Go side gives to this call.
   */
  public call<Answer>(
    name: Call,
    request: unknown,
    { now = 0, milliseconds }: CallLimits = {},
  ): Result<Answer, RegoProblem[]> {
    this.sandbox.now = now;
    let answer: unknown;
    try {
      const bytes =
        request instanceof Uint8Array ? request : new TextEncoder().encode(JSON.stringify(request));
      const { within } = this.machine;
      const exchange = () => this.exchange(name, bytes);
      answer = JSON.parse(
        within === undefined || milliseconds === undefined ? exchange() : within(milliseconds, exchange),
      );
    } catch (error) {
      return failed([this.problemOf(error)]);
    }
    const { problems } = answer as { problems?: RegoProblem[] };
    return problems === undefined ? ok(answer as Answer) : failed(problems);
  }

  private exchange(name: Call, request: Uint8Array): string {
    const { exports } = this;
    const address = exports.rego_alloc(request.length);
    new Uint8Array(exports.memory.buffer, unsigned(address), request.length).set(request);
    const answer = BigInt.asUintN(64, exports[name](address));
    const at = Number(answer / HALF);
    // a new view of the memory each time: a view is invalid as soon as the memory has grown
    const text = new TextDecoder().decode(new Uint8Array(exports.memory.buffer, at, Number(answer % HALF)));
    exports.rego_free(at);
    return text;
  }

  private problemOf(error: unknown): RegoProblem {
    const { said } = this.sandbox;
    if (/out of memory|cannot allocate memory/.test(said)) {
      return { code: ENGINE_ENDED.memory, message: 'the engine needed more memory than it has' };
    }
    // no instanceof: the machine may throw it from another realm
    const { code, message } = error as { readonly code?: string; readonly message?: string };
    if (code === STOPPED) {
      return {
        code: ENGINE_ENDED.time,
        message: 'the engine did not end in time, and did not stop by itself',
      };
    }
    return {
      code: ENGINE_ENDED.other,
      message: [message ?? String(error), said.split('\n')[0]].filter(part => part !== '').join(': '),
    };
  }
}

const HALF = 2n ** 32n;

/** WebAssembly hands an address over as a signed number. */
function unsigned(address: number): number {
  return address < 0 ? address + 2 ** 32 : address;
}
