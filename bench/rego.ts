import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Figure, findings, isQuick, Measurement, median, milliseconds, ratio, repeat } from './figure';
import { reportOf } from './report';
import { STANDARD_IN_REGO } from './standard-in-rego';
import { mustRun } from '../local/tools/command';
import { ensureOpa, OPA_VERSION } from '../local/tools/opa';
import { regoCases } from '../local/tools/rego-cases';
import { conformance } from '../local/tools/rego-conformance';
import { loadRegoEngine, loadRegoHost, readRegoEngine } from '../local/tools/rego-runtime';
import { showProblem } from '../src/core/rego/problem';
import { WasmInstance } from '../src/core/wasm/instance';
import { webAssembly, withMemoryLimit } from '../src/core/wasm/web-assembly';
import { NODE_MACHINE } from '../src/runtime/node-machine';

/** RegoEngine's default. */
const MEMORY_MIB = 512;
const NOW = new Date('2026-11-25T12:00:00Z');

export async function regoFigures(say: (line: string) => void): Promise<Figure[]> {
  return [await warmFigure(say), await coldFigure(), memoryFigure(), await conformanceFigure()];
}

async function warmFigure(say: (line: string) => void): Promise<Figure> {
  const report = reportOf(findings(3000));
  const prepared = loadRegoEngine().prepare([{ name: 'standard.rego', source: STANDARD_IN_REGO }]);
  if (!prepared.ok) throw new Error(prepared.error.map(showProblem).join('\n'));
  const native = await nativeOpa(report, say);
  const ours: Measurement = () =>
    milliseconds(() => {
      const decision = prepared.value.decide(report, { now: NOW });
      if ('failure' in decision) {
        throw new Error(`the bench's policy indeterminate: ${decision.failure.detail}`);
      }
      if (decision.denials.length !== native.denials) {
        throw new Error(`the engine gives ${decision.denials.length} denials, native OPA ${native.denials}`);
      }
    });
  try {
    return {
      name: 'rego_3k_warm_over_opa_eval',
      value: await ratio(9, ours, native.measure),
      unit: 'ratio',
      against: `opa eval ${OPA_VERSION} (native, with its start) of the same policy and 3,000 findings; aim ≤ 3`,
    };
  } finally {
    native.dispose();
  }
}

/** In separate processes: in one process, the second load would reuse the code that the first compiled. */
async function coldFigure(): Promise<Figure> {
  const program = join(__dirname, '..', 'node_modules', '.bin', 'tsx');
  const times = await repeat(5, async () =>
    Number(
      await mustRun(program, [join(__dirname, 'rego-cold.ts')], 'build the engine: `npx projen build:go`'),
    ),
  );
  return {
    name: 'rego_cold_load_ms',
    value: Math.round(median(times)),
    unit: 'ms',
    against: 'read, decompress, compile, start, prepare a policy; in a new process',
  };
}

function memoryFigure(): Figure {
  const engine = new WasmInstance(
    new webAssembly.Module(withMemoryLimit(readRegoEngine(), MEMORY_MIB)),
    NODE_MACHINE,
  );
  engine.call('prepare', { modules: [], data: {}, memoryBytes: MEMORY_MIB * 1024 * 1024 });
  const read = engine.call('report', reportOf(findings(60_000)));
  if (!read.ok) throw new Error(read.error.message);
  return {
    name: 'rego_60k_report_mib',
    value: Math.round(engine.memoryBytes / 1024 / 1024),
    unit: 'MiB',
    against: `the ${MEMORY_MIB} MiB that an engine may have; OPA's own reader of JSON needs more`,
  };
}

async function conformanceFigure(): Promise<Figure> {
  const all = await regoCases();
  const cases = isQuick ? all.slice(0, 100) : all;
  const { passed } = conformance(loadRegoHost(), cases);
  return {
    name: 'rego_conformance_percent',
    value: (100 * passed) / cases.length,
    unit: '%',
    against: `OPA ${OPA_VERSION}'s own ${cases.length} evaluation cases; aim ≥ 99.8`,
  };
}

export interface NativeOpa {
  /** One `opa eval`, from its start to its end. */
  readonly measure: Measurement;
  /** The number of denials, for the comparison with the other side. */
  readonly denials: number;
  dispose(): void;
}

/**
 * `opa eval` of what the standard policy asks: of 10,000 findings, the other side of
 * `builtin_10k_over_opa_eval`.
 */
export async function nativeOpa(report: Uint8Array, say: (line: string) => void): Promise<NativeOpa> {
  const opa = await ensureOpa(say);
  const folder = mkdtempSync(join(tmpdir(), 'bench-rego-'));
  const [policy, input] = [join(folder, 'standard.rego'), join(folder, 'report.json')];
  writeFileSync(policy, STANDARD_IN_REGO);
  writeFileSync(input, report);
  const evaluate = () =>
    mustRun(
      opa,
      [
        'eval',
        '--format=raw',
        '--strict-builtin-errors',
        `--data=${policy}`,
        `--input=${input}`,
        'count(data.standard.deny)',
      ],
      'run it by hand',
    );
  return {
    measure: () => milliseconds(evaluate),
    denials: Number(await evaluate()),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}
