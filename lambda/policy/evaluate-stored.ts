import { imageName, imageOf, sibling, type ImageName } from '../../src/core/image';
import { evaluate } from '../../src/core/policy/evaluate';
import { foldIndex } from '../../src/core/policy/fold-index';
import type { RegisterRow } from '../../src/core/trust/register-row';
import { announce } from './announce';
import type { EvaluateContext, EvaluateOutcome } from './evaluate-ports';
import { recordAttempt, recordVerdict } from './record-outcome';
import { loadScan } from './scan-store';
import { loadVerdict } from './verdict-store';

/** "Look at image X again", without a build: announce what is owed, fold an index, apply a newer policy to the stored report. */
export async function evaluateStored(image: ImageName, context: EvaluateContext): Promise<EvaluateOutcome> {
  const row = await context.register.load(image);
  if (row.unannounced !== undefined) {
    await announce(row, context);
    return { image, done: 'announced what was still owed' };
  }
  if (row.kind === 'index') return foldStored(row, context);
  const policy = await context.policy();
  if (row.verdict === undefined || row.verdict.policyRevision >= policy.revision) return { image, done: 'nothing to do' };

  const [stored, previous] = await Promise.all([loadScan(image, row.verdict.scanId, context.evidence), loadVerdict(row.verdict, image, context.evidence)]);
  if (stored === undefined) return recordAttempt(row, { cause: 'REPORT_MISSING', detail: `the stored report of scan ${row.verdict.scanId} is gone` }, undefined, context);
  const result = evaluate({
    scan: { ...stored.record, scannedAt: stored.record.startedAt }, report: stored.report, policy, verdictId: context.newId(), previous, now: context.now,
  });
  return 'failure' in result ? recordAttempt(row, result.failure, undefined, context) : recordVerdict(row, result.verdict, context);
}

async function foldStored(row: RegisterRow, context: EvaluateContext): Promise<EvaluateOutcome> {
  const index = imageOf(row.pk);
  const rows = await Promise.all((row.children ?? []).map(async child => ({ child, row: await context.register.load(imageName(sibling(index, child.digest))) })));
  const children = await Promise.all(rows.map(async each => ({
    ...each.child, verdict: each.row.verdict === undefined ? undefined : await loadVerdict(each.row.verdict, each.row.pk, context.evidence),
  })));
  const folded = foldIndex({ image: row.pk, children, now: context.now });
  if ('failure' in folded) return recordAttempt(row, folded.failure, undefined, context);
  if ('verdict' in folded) {
    if (folded.verdict.verdictId === row.verdict?.verdictId) return { image: row.pk, done: 'nothing to do' };
    return recordVerdict(row, folded.verdict, context);
  }
  const stuck = rows.find(each => each.row.verdict === undefined && each.row.lastAttempt !== undefined && each.row.lastAttempt.retryAt === undefined);
  if (stuck === undefined) return { image: row.pk, done: `waits for ${folded.waitingFor.length} of its ${children.length} images` };
  const detail = `its image ${stuck.child.platform} ${stuck.child.digest} has no verdict: ${stuck.row.lastAttempt?.cause}, ${stuck.row.lastAttempt?.detail}`;
  if (row.lastAttempt?.detail === detail) return { image: row.pk, done: 'nothing to do' };
  return recordAttempt(row, { cause: 'CHILD_WITHOUT_VERDICT', detail }, undefined, context);
}
