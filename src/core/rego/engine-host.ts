import { Seconds } from '../times';
import { type Call, type CallLimits, ENGINE_ENDED, RegoInstance } from './instance';
import type { RegoProblem } from './problem';
import type { RegoMachine } from './sandbox';
import { type WasmModule, webAssembly, withMemoryLimit } from './web-assembly';
import type { Result } from '../result';

const MIB = 1024 * 1024;

/** Keeps an instance running with the program that is needed, and makes a new one when it ended. */
export class EngineHost {
  private readonly module: WasmModule;
  private instance?: RegoInstance;
  private loaded?: object;
  private reports = 0;

  constructor(
    wasm: Uint8Array,
    public readonly memoryMiB: number,
    private readonly machine: RegoMachine,
  ) {
    this.module = new webAssembly.Module(withMemoryLimit(wasm, memoryMiB));
  }

  public load<Answer>(program: object): Result<Answer, RegoProblem[]> {
    this.loaded = undefined;
    const answer = this.call<Answer>(
      'rego_prepare',
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
    this.instance ??= new RegoInstance(this.module, this.machine);
    if (name === 'rego_report') this.reports += 1;
    const answer = this.instance.call<Answer>(name, request, limits);
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
