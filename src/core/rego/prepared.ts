import type { RegoRule } from './decisions';
import type { EngineHost } from './engine-host';
import { messagesIn, type RegoMessage } from './messages';
import { operatingSystem } from './policy-input';
import { ENGINE_ENDED, type RegoProblem, showProblem } from './problem';
import type { Result } from '../result';

/** Why a policy is indeterminate. */
export type RegoCause =
  | 'REGO_TIMED_OUT'
  | 'REGO_OUT_OF_MEMORY'
  | 'REGO_ERROR'
  | 'REGO_UNDEFINED'
  | 'REGO_VALUE_INVALID'
  | 'REGO_TOO_LARGE'
  | 'REPORT_INVALID'
  | 'REGO_ENGINE_FAILED';

export interface RegoFailure {
  readonly cause: RegoCause;
  readonly detail: string;
}

/** What the rules say. */
export interface RegoSayings {
  /** One is enough to refuse. */
  readonly denials: readonly RegoMessage[];
  readonly warnings: readonly RegoMessage[];
  /**
   * How many are not listed. An image with too many denials is refused all the same: a failure would not
   * revoke it.
   */
  readonly omitted: { readonly denials: number; readonly warnings: number };
  /** The output of `print`, for the author of the policy. */
  readonly prints: readonly string[];
}

/** `failure`: the policy is indeterminate, and so is the scan. Never a PASS. */
export type RegoDecision = RegoSayings | { readonly failure: RegoFailure };

export interface DecideOptions {
  /** The value of `time.now_ns()`. */
  readonly now: Date;
  /**
   * How long the rules may take, in seconds; the time to read the report is not counted.
   *
   * @default 10
   */
  readonly seconds?: number;
}

interface Answer {
  readonly rows: readonly { readonly values: readonly (readonly unknown[])[] }[];
  readonly prints: readonly string[] | null;
}

/** Milliseconds that the machine waits longer than the engine, so that the engine can stop by itself. */
const MACHINE_MARGIN = 2000;

/** Policies that compiled. */
export class PreparedRego {
  constructor(
    private readonly host: EngineHost,
    private readonly program: object,
    private readonly decisions: readonly RegoRule[],
  ) {}

  /** Evaluates every rule that decides. `report`: the bytes of its JSON. */
  public decide(report: Uint8Array, { now, seconds = 10 }: DecideOptions): RegoDecision {
    const { host } = this;
    const answer = host.withRoom(() => this.ask(report, now.getTime(), seconds * 1000));
    if (!answer.ok) return { failure: failureOf(answer.error, { seconds, memoryMiB: host.memoryMiB }) };
    host.tidy();
    return this.decisionFrom(answer.value);
  }

  private ask(report: Uint8Array, now: number, milliseconds: number): Result<Answer, RegoProblem[]> {
    const { host } = this;
    const prepared = host.ensure(this.program);
    if (!prepared.ok) return prepared;
    const read = host.call<{ readonly operatingSystem: unknown }>('report', report);
    if (!read.ok) return read;
    const set = host.call('operating_system', operatingSystem(read.value.operatingSystem) ?? null);
    if (!set.ok) return set;
    // one query for all, so that what rules share is evaluated once; each value is in an array, which is
    // empty where the rule is undefined
    const query = `values = [${this.decisions.map(({ reference }) => `[value | value = ${reference}]`).join(', ')}]`;
    return host.call<Answer>(
      'evaluate',
      { query, withReport: true, milliseconds, now, strict: true },
      { now, milliseconds: milliseconds + MACHINE_MARGIN },
    );
  }

  private decisionFrom({ rows, prints }: Answer): RegoDecision {
    const denials: RegoMessage[] = [];
    const warnings: RegoMessage[] = [];
    for (const [at, { reference, refuses }] of this.decisions.entries()) {
      const values = rows[0]?.values[at] ?? [];
      if (values.length === 0) {
        return failure(
          'REGO_UNDEFINED',
          `${reference} is undefined for this report, so it neither refuses nor passes; write \`contains\`, or give it a default`,
        );
      }
      const messages = messagesIn(reference, values[0]);
      if (!messages.ok) return failure('REGO_VALUE_INVALID', messages.error);
      const list = refuses ? denials : warnings;
      for (const message of messages.value) list.push(message);
    }
    return {
      denials: denials.slice(0, MAX_MESSAGES),
      warnings: warnings.slice(0, MAX_MESSAGES),
      omitted: {
        denials: Math.max(0, denials.length - MAX_MESSAGES),
        warnings: Math.max(0, warnings.length - MAX_MESSAGES),
      },
      prints: prints ?? [],
    };
  }
}

/** Of denials, and of warnings. */
export const MAX_MESSAGES = 10_000;

const CAUSES: Readonly<Record<string, RegoCause>> = {
  evaluation_timeout: 'REGO_TIMED_OUT',
  [ENGINE_ENDED.time]: 'REGO_TIMED_OUT',
  [ENGINE_ENDED.memory]: 'REGO_OUT_OF_MEMORY',
  [ENGINE_ENDED.other]: 'REGO_ENGINE_FAILED',
  engine_error: 'REGO_ENGINE_FAILED',
  engine_panic: 'REGO_ENGINE_FAILED',
  answer_too_large: 'REGO_TOO_LARGE',
  report_invalid: 'REPORT_INVALID',
};

function failureOf(
  problems: readonly RegoProblem[],
  limits: { readonly seconds: number; readonly memoryMiB: number },
): RegoFailure {
  const [problem] = problems;
  const cause = CAUSES[problem?.code ?? ''] ?? 'REGO_ERROR';
  if (cause === 'REGO_TIMED_OUT') {
    return {
      cause,
      detail: `the policy did not end within ${limits.seconds} s; make it walk the report fewer times`,
    };
  }
  if (cause === 'REGO_OUT_OF_MEMORY') {
    return {
      cause,
      detail: `the policy needed more than ${limits.memoryMiB} MiB; make it build smaller documents`,
    };
  }
  return { cause, detail: problems.map(showProblem).join('; ') };
}

function failure(cause: RegoCause, detail: string): RegoDecision {
  return { failure: { cause, detail } };
}
