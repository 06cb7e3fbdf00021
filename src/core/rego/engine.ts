import { decisionsIn, type FoundRule } from './decisions';
import { EngineHost } from './engine-host';
import { REMOVED_FUNCTIONS, REPORT_SCHEMA } from './policy-input';
import { PreparedRego } from './prepared';
import type { RegoProblem } from './problem';
import { failed, ok, type Result } from '../result';
import type { WasmMachine } from '../wasm/sandbox';

/** A policy file. */
export interface RegoModule {
  /** Shown in problems. */
  readonly name: string;
  readonly source: string;
  /** @default - v1 if it can be read as that, else v0 */
  readonly version?: 'v0' | 'v1';
}

export interface RegoEngineOptions {
  /**
   * The most memory that the engine may use, in MiB; the report in the host's memory is not counted.
   *
   * @default 512
   */
  readonly memoryMiB?: number;
  readonly machine: WasmMachine;
}

export interface PrepareOptions {
  /**
   * The JSON schema of `input`: a policy cannot read what it does not name.
   *
   * @default - that of Trivy's report as it is kept
   */
  readonly schema?: object;
}

/** OPA in a sandbox. Load it once: this compiles 30 MB. */
export class RegoEngine {
  /** `wasm`: the bytes of rego.wasm, decompressed. */
  public static load(wasm: Uint8Array, { memoryMiB = 512, machine }: RegoEngineOptions): RegoEngine {
    return new RegoEngine(new EngineHost(wasm, memoryMiB, machine));
  }

  private constructor(private readonly host: EngineHost) {}

  /** Compiles policies, and finds their rules that decide. `data` is what they see beside `input`. */
  public prepare(
    modules: readonly RegoModule[],
    data: unknown = {},
    options: PrepareOptions = {},
  ): Result<PreparedRego, RegoProblem[]> {
    const { schema = REPORT_SCHEMA } = options;
    const problems = [...problemsOf(modules), ...problemsOfData(data)];
    if (problems.length > 0) return failed(problems);
    const program = { modules, data, schema, removed: REMOVED_FUNCTIONS };
    const compiled = this.host.withRoom(() =>
      this.host.load<{ readonly rules: readonly FoundRule[] | null }>(program),
    );
    if (!compiled.ok) return compiled;
    const found = decisionsIn(compiled.value.rules ?? []);
    return found.problems.length > 0
      ? failed([...found.problems])
      : ok(new PreparedRego(this.host, program, found.decisions));
  }
}

function problemsOf(modules: readonly RegoModule[]): RegoProblem[] {
  const names = modules.map(({ name }) => name);
  if (names.length === 0) {
    return [{ code: 'policy_empty', message: 'no module was given, allowed: one or more' }];
  }
  // of two modules with the same name the engine would keep one
  return [...new Set(names.filter((name, at) => names.indexOf(name) !== at))].map(name => ({
    code: 'policy_name_error',
    message: `two modules are called ${JSON.stringify(name)}, allowed: names that differ`,
  }));
}

function problemsOfData(data: unknown): RegoProblem[] {
  if (typeof data === 'object' && data !== null && !Array.isArray(data)) return [];
  const kind = Array.isArray(data) ? 'an array' : data === null ? 'null' : `a ${typeof data}`;
  return [{ code: 'policy_data_error', message: `data is ${kind}, allowed: an object` }];
}
