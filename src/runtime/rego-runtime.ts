import { readFileSync } from 'fs';
import { brotliDecompressSync } from 'zlib';
import { NODE_MACHINE, withoutOptimising } from './node-machine';
import { RegoEngine } from '../core/rego/engine';
import type { PreparedRego } from '../core/rego/prepared';
import { showProblem, type RegoProblem } from '../core/rego/problem';
import type { AskRego, RegoProgram } from '../core/rego/rego-program';
import { failed, ok, type Result } from '../core/result';
import { sha256Of } from '../core/text/sha256';

/** Programs that stay prepared. */
const KEPT = 8;

/**
 * The engine in a file of the package. It is loaded when a policy with Rego needs it for the first time,
 * which takes half a second and 200 MB.
 */
export class RegoRuntime {
  private engine?: RegoEngine;
  /** Prepared programs, the newest last: a policy may have a few, and changes seldom. */
  private readonly prepared = new Map<string, Result<PreparedRego, RegoProblem[]>>();

  /** @param file the path of `rego.wasm.br`; may throw where there is none */
  constructor(private readonly file: () => string) {}

  /** What is wrong with a policy, if anything: file, row, column. */
  public check(program: RegoProgram): readonly RegoProblem[] {
    const prepared = this.prepare(program);
    return prepared.ok ? [] : prepared.error;
  }

  /**
   * The same, for a process that never asks. To optimise the engine takes two seconds of processor time and
   * 100 MB, and Node before 24 does not end before that is done; a check takes a tenth of it.
   */
  public checkOnly(program: RegoProgram): readonly RegoProblem[] {
    return withoutOptimising(() => this.check(program));
  }

  public readonly ask: AskRego = (program, report, now) => {
    const prepared = this.tryPrepare(program);
    if (!prepared.ok) {
      return failed({
        cause: 'POLICY_INVALID',
        detail: prepared.error.slice(0, 5).map(showProblem).join('; '),
      });
    }
    const decision = prepared.value.decide(report, { now });
    return 'failure' in decision
      ? failed({ cause: 'REGO_FAILED', detail: `${decision.failure.cause}: ${decision.failure.detail}` })
      : ok(decision);
  };

  /**
   * During a deployment, functions may be of another version than the policy. That is a failure of the
   * policy, not of the function.
   */
  private tryPrepare(program: RegoProgram): Result<PreparedRego, RegoProblem[]> {
    try {
      return this.prepare(program);
    } catch (error) {
      return failed([
        {
          code: 'engine_missing',
          message: `the Rego engine cannot be loaded: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`,
        },
      ]);
    }
  }

  private prepare(program: RegoProgram): Result<PreparedRego, RegoProblem[]> {
    const key = sha256Of(JSON.stringify(program));
    const known = this.prepared.get(key);
    if (known !== undefined) return known;
    this.engine ??= RegoEngine.load(brotliDecompressSync(readFileSync(this.file())), {
      machine: NODE_MACHINE,
    });
    const prepared = this.engine.prepare(program.modules, program.data);
    const [oldest] = this.prepared.keys();
    if (this.prepared.size >= KEPT && oldest !== undefined) this.prepared.delete(oldest);
    this.prepared.set(key, prepared);
    return prepared;
  }
}
