import { Seconds } from '../times';
import { ENGINE_ENDED, type RegoProblem } from './problem';
import { failed, ok, type Result } from '../result';
import { type CallLimits, WasmInstance } from '../wasm/instance';
import type { WasmMachine } from '../wasm/sandbox';
import { type WasmModule, webAssembly, withMemoryLimit } from '../wasm/web-assembly';

/** What rego/main.go exports. */
type Call = 'prepare' | 'report' | 'operating_system' | 'evaluate';

const MIB = 1024 * 1024;

/** Keeps an instance running with the program that is needed, and makes a new one when it ended. */
export class EngineHost {
  private readonly module: WasmModule;
  private instance?: WasmInstance;
  private loaded?: object;
  private reports = 0;

  constructor(
    wasm: Uint8Array,
    public readonly memoryMiB: number,
    private readonly machine: WasmMachine,
  ) {
    this.module = new webAssembly.Module(withMemoryLimit(wasm, memoryMiB));
  }

  public load<Answer>(program: object): Result<Answer, RegoProblem[]> {
    this.loaded = undefined;
    const answer = this.call<Answer>(
      'prepare',
      { ...program, memoryBytes: this.memoryMiB * MIB },
      { milliseconds: Seconds.regoCompile * 1000 },
    );
    if (answer.ok) this.loaded = program;
    return answer;
  }

  /** Loads this program if the instance holds another: it holds one at a time. */
  public ensure(program: object): Result<unknown, RegoProblem[]> {
    return this.loaded === program ? { ok: true, value: undefined } : this.load(program);
  }

  public call<Answer>(name: Call, request: unknown, limits?: CallLimits): Result<Answer, RegoProblem[]> {
    this.instance ??= new WasmInstance(this.module, this.machine);
    if (name === 'report') this.reports += 1;
    const called = this.instance.call<Answer & { readonly problems?: RegoProblem[] }>(name, request, limits);
    const answer: Result<Answer, RegoProblem[]> = !called.ok
      ? failed([
          {
            code: ENGINE_ENDED[called.error.reason],
            message: called.error.message.replace(/^the program /, 'the engine '),
          },
        ])
      : called.value.problems === undefined
        ? ok(called.value)
        : failed(called.value.problems);
    if (!answer.ok && answer.error.some(({ code }) => code.startsWith('engine_'))) this.discard();
    return answer;
  }

  /**
   * Reports that were judged before leave garbage in the memory. What does not fit beside it is tried again
   * in a new instance, so that earlier reports decide nothing.
   */
  public withRoom<T>(work: () => Result<T, RegoProblem[]>): Result<T, RegoProblem[]> {
    const wasUsed = this.reports > 0;
    const outcome = work();
    if (outcome.ok) return outcome;
    this.discard();
    return wasUsed && outcome.error.some(({ code }) => code === ENGINE_ENDED.memory)
      ? this.withRoom(work)
      : outcome;
  }

  /**
   * The memory of an instance never shrinks. One that has grown is not kept: neither for the next report, nor
   * in a process that waits.
   */
  public tidy(): void {
    if (this.instance !== undefined && this.instance.memoryBytes > (this.memoryMiB * MIB) / 2) this.discard();
  }

  public discard(): void {
    this.instance = undefined;
    this.loaded = undefined;
    this.reports = 0;
  }
}
