import { timeOf } from '../../src/core/evaluation/first-seen';
import type { VerdictSummary } from '../../src/core/evidence/verdict';
import { findingChanges, type FindingRow } from '../../src/core/findings/changes';
import { waivedBy } from '../../src/core/findings/waived-by';
import type { ImageName } from '../../src/core/image/image';
import type { RegisterRow } from '../../src/core/register/row';
import { normalise } from '../../src/core/scanning/normalise';
import { Tries } from '../../src/core/times';
import { loadReport, loadVerdict, type EvidenceReader } from '../evidence/evidence-documents';

export interface RecordContext {
  readonly register: { load(image: ImageName): Promise<RegisterRow> };
  readonly evidence: EvidenceReader;
  readonly findings: {
    ofImage(image: ImageName): Promise<FindingRow[]>;
    write(rows: readonly FindingRow[]): Promise<void>;
  };
}

/**
 * Updates the findings table to the verdict in the register. The event is only a hint that it changed (rule
 * 4.1, messages are hints). Two runs at once may write in either order, so each run checks after its write
 * that the verdict is still the same, and the last one is correct.
 */
export async function recordFindings(image: ImageName, context: RecordContext): Promise<string> {
  for (let round = 0; round < Tries.recordFindings; round++) {
    const { verdict } = await context.register.load(image);
    const done = await project(image, verdict, context);
    const { verdict: standing } = await context.register.load(image);
    if (standing?.verdictId === verdict?.verdictId) return done;
  }
  throw new Error(
    `the verdict of ${image} changed ${Tries.recordFindings} times while its findings were written`,
  );
}

async function project(
  image: ImageName,
  summary: VerdictSummary | undefined,
  context: RecordContext,
): Promise<string> {
  if (summary === undefined) return 'nothing recorded: the register has no verdict of this image';
  if (summary.kind === 'index') return "nothing recorded: the findings of an index are its images'";
  const verdict = await loadVerdict(summary, image, context.evidence);
  const report = await loadReport(image, verdict.scanId, context.evidence);
  if (report === undefined) {
    throw new Error(`the report of scan ${verdict.scanId} is not in the evidence bucket`);
  }

  const rows = findingChanges(await context.findings.ofImage(image), {
    image,
    findings: normalise(report),
    violating: new Set(verdict.violating),
    waived: waivedBy(verdict),
    firstSeenAt: timeOf(verdict.firstSeen),
    scannedAt: verdict.scannedAt,
    verdictId: verdict.verdictId,
  });
  await context.findings.write(rows);
  return `${rows.length} rows written`;
}
