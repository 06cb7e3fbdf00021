import type { EvaluateContext } from './evaluate-ports';
import { verdictKey } from '../../src/core/evidence/evidence-keys';
import { summarise, type Verdict, type VerdictSummary } from '../../src/core/evidence/verdict';
import { Limit } from '../../src/core/limits';
import { sha256Of } from '../../src/core/text/sha256';
import { MAX_VERDICT_BYTES, parseVerdict } from '../evidence/evidence-documents';

type Evidence = EvaluateContext['evidence'];

/**
 * Stores a verdict as evidence, once. If a verdict with this id is there already (the same message was
 * handled before, and stopped half-way), the stored one counts: others may have read it.
 */
export async function storeVerdict(
  verdict: Verdict,
  evidence: Evidence,
): Promise<{ verdict: Verdict; summary: VerdictSummary }> {
  const evidenceKey = verdictKey(verdict.image, verdict.verdictId);
  const body = JSON.stringify(verdict);
  if (await evidence.writeOnce(evidenceKey, body, 'application/json')) {
    return {
      verdict,
      summary: summarise(verdict, { evidenceKey, sha256: sha256Of(body) }, Limit.rowViolations),
    };
  }
  const bytes = await evidence.read(evidenceKey, MAX_VERDICT_BYTES);
  if (bytes === undefined) throw new Error(`${evidenceKey} was there a moment ago`);
  const stored = parseVerdict(bytes, verdict.image);
  return {
    verdict: stored,
    summary: summarise(stored, { evidenceKey, sha256: sha256Of(bytes) }, Limit.rowViolations),
  };
}
