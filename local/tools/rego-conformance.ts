import { RegoCase } from './rego-cases';
import { EngineHost } from '../../src/core/rego/engine-host';
import { RegoProblem } from '../../src/core/rego/problem';

type Row = Readonly<Record<string, unknown>>;
interface Answer {
  readonly rows: readonly Row[];
}
type Outcome = { readonly rows: readonly Row[] } | { readonly problem: RegoProblem };

export interface Conformance {
  readonly passed: number;
  /** What was got instead, by version and note of the case. */
  readonly misses: ReadonlyMap<string, string>;
}

/** Certificates of some cases are valid then, and tokens of others expired. */
const NOW = Date.parse('2026-11-25T12:00:00Z');

/** Some cases of an instance fill its memory with what they interned. */
const CASES_AN_INSTANCE = 300;

/**
 * OPA's own cases in the engine. Nothing is removed, and no schema narrows the input: these are about the
 * language.
 */
export function conformance(host: EngineHost, cases: readonly RegoCase[]): Conformance {
  const misses = new Map<string, string>();
  for (const [at, each] of cases.entries()) {
    if (at % CASES_AN_INSTANCE === 0) host.discard();
    const miss = missOf(each, run(host, each));
    if (miss !== undefined) misses.set(`${each.version} ${each.note}`, miss);
  }
  return { passed: cases.length - misses.size, misses };
}

/** Every so many cases, so that each kind is among them. */
export function sampleOf(cases: readonly RegoCase[], size: number): RegoCase[] {
  return Array.from({ length: size }, (_, at) => cases[Math.floor((at * cases.length) / size)]!);
}

function run(host: EngineHost, regoCase: RegoCase): Outcome {
  const {
    version,
    query,
    modules,
    data,
    input,
    has_input: hasInput,
    input_term: term,
    strict_error: strict,
  } = regoCase;
  const program = {
    modules: (modules ?? []).map((source, at) => ({ name: `test-${at}.rego`, source, version })),
    data: data ?? {},
    removed: [],
  };
  const prepared = host.load(program);
  if (!prepared.ok) return { problem: prepared.error[0]! };
  const withReport = hasInput && term === undefined;
  const read = withReport ? host.call('report', new TextEncoder().encode(JSON.stringify(input))) : prepared;
  if (!read.ok) return { problem: read.error[0]! };
  const whole = term === undefined ? query : `${query} with input as ${term}`;
  const answer = host.call<Answer>(
    'evaluate',
    { query: whole, withReport, milliseconds: 20_000, strict: strict === true, now: NOW },
    { now: NOW },
  );
  return answer.ok ? answer.value : { problem: answer.error[0]! };
}

function missOf(wanted: RegoCase, outcome: Outcome): string | undefined {
  const { want_error: error, want_error_code: code } = wanted;
  if ('problem' in outcome) {
    const { problem } = outcome;
    const text = `${problem.file}:${problem.row}: ${problem.code}: ${problem.message}`;
    if (error === undefined && code === undefined) return text;
    return (code ?? problem.code) === problem.code && text.includes(error ?? '') ? undefined : text;
  }
  if (error !== undefined || code !== undefined) return 'no error';
  if (wanted.want_result !== undefined) {
    const got = canonicalRows(outcome.rows, wanted);
    return got === canonicalRows(wanted.want_result, wanted) ? undefined : got;
  }
  return wanted.want_defined === undefined || wanted.want_defined === outcome.rows.length > 0
    ? undefined
    : `${outcome.rows.length} rows`;
}

/** Rows come in any order; with `sort_bindings` so do the elements of arrays, which were sets. */
function canonicalRows(
  rows: readonly Row[],
  { sort_bindings: sorted = false, ignore_generated_vars: ignored = false }: RegoCase,
): string {
  return JSON.stringify(
    rows
      .map(row =>
        JSON.stringify(
          canonical(
            Object.fromEntries(Object.entries(row).filter(([name]) => !(ignored && name.startsWith('__')))),
            sorted,
          ),
        ),
      )
      .sort(),
  );
}

function canonical(value: unknown, sorted: boolean): unknown {
  if (Array.isArray(value)) {
    const elements = value.map(element => canonical(element, sorted));
    return sorted ? elements.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : elements;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, canonical(member, sorted)]),
  );
}
