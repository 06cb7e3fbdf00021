import { createHash } from 'node:crypto';
import type { EvaluateContext } from './evaluate-ports';
import { verdictKey } from '../../src/core/evidence';
import { Limit } from '../../src/core/limits';
import { summarise, Verdict, type VerdictSummary } from '../../src/core/verdict';

type Evidence = EvaluateContext['evidence'];

const MAX_BYTES = Limit.reportUnzippedBytes;

/**
 * Into the evidence, once. If a verdict of this id is there already (this very message was handled before, and stopped half-way),
 * that one counts: it is what others may have read.
 */
export async function storeVerdict(verdict: Verdict, evidence: Evidence): Promise<{ verdict: Verdict; summary: VerdictSummary }> {
  const evidenceKey = verdictKey(verdict.image, verdict.verdictId);
  const body = JSON.stringify(verdict);
  if (await evidence.writeOnce(evidenceKey, body, 'application/json')) return { verdict, summary: summarise(verdict, { evidenceKey, sha256: sha256(body) }, Limit.rowViolations) };
  const bytes = await evidence.read(evidenceKey, MAX_BYTES);
  if (bytes === undefined) throw new Error(`${evidenceKey} was there a moment ago`);
  const stored = parse(bytes, verdict.image);
  return { verdict: stored, summary: summarise(stored, { evidenceKey, sha256: sha256(bytes) }, Limit.rowViolations) };
}

/** The verdict that a row points at: these bytes and no others. Throws if they are not there, since then nothing can be said. */
export async function loadVerdict({ evidenceKey, sha256: expected }: Pick<VerdictSummary, 'evidenceKey' | 'sha256'>, image: string, evidence: Evidence): Promise<Verdict> {
  const bytes = await evidence.read(evidenceKey, MAX_BYTES);
  if (bytes === undefined || sha256(bytes) !== expected) throw new Error(`${evidenceKey} is not what the register says: look for who changed the evidence bucket`);
  return parse(bytes, image);
}

function parse(bytes: Uint8Array, image: string): Verdict {
  const verdict = Verdict.parse(JSON.parse(new TextDecoder().decode(bytes)));
  if (verdict.image !== image) throw new Error(`a verdict of ${verdict.image} lies among those of ${image}`);
  return verdict;
}

function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
