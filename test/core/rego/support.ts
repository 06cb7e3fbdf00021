import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadRegoEngine } from '../../../local/tools/rego-runtime';
import { RegoEngine, RegoModule } from '../../../src/core/rego/engine';
import { RegoDecision } from '../../../src/core/rego/prepared';
import { RegoProblem, showProblem } from '../../../src/core/rego/problem';

export const NOW = new Date('2026-11-25T12:00:00Z');

let loaded: RegoEngine | undefined;

/** One for a test file: to load it takes half a second. */
export function engine(): RegoEngine {
  return (loaded ??= loadRegoEngine());
}

export function modules(source: string, version?: RegoModule['version']): RegoModule[] {
  return [{ name: 'policy.rego', source, ...(version !== undefined && { version }) }];
}

/** A report as it is recorded in test/reports. */
export function recorded(name: string): Uint8Array {
  return readFileSync(join(__dirname, '..', '..', 'reports', `${name}.json`));
}

/** What is of interest here; the rest is as Trivy writes it for an empty image. */
export function reportWith(part: object): Uint8Array {
  return Buffer.from(
    JSON.stringify({
      SchemaVersion: 2,
      ArtifactName: 'app',
      ArtifactType: 'container_image',
      Metadata: { ImageID: '', ImageConfig: {} },
      ...part,
    }),
  );
}

interface AskOptions {
  readonly data?: unknown;
  readonly seconds?: number;
}

/** Prepare and ask in one step. */
export function decide(
  source: string | readonly RegoModule[],
  report = reportWith({}),
  { data, seconds }: AskOptions = {},
): RegoDecision {
  const prepared = engine().prepare(typeof source === 'string' ? modules(source) : source, data);
  if (!prepared.ok) throw new Error(prepared.error.map(showProblem).join('\n'));
  return prepared.value.decide(report, { now: NOW, ...(seconds !== undefined && { seconds }) });
}

export function denialsOf(decision: RegoDecision): string[] {
  if ('failure' in decision) throw new Error(`${decision.failure.cause}: ${decision.failure.detail}`);
  return decision.denials.map(({ message }) => message);
}

/** The problems of modules that must not compile. */
export function problemsOf(source: string | readonly RegoModule[], data?: unknown): string[] {
  const prepared = engine().prepare(typeof source === 'string' ? modules(source) : source, data);
  return prepared.ok ? [] : prepared.error.map((problem: RegoProblem) => showProblem(problem));
}
