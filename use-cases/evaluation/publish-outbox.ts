import type { EvaluateContext } from './evaluate-ports';
import { holdEndedEvent } from '../../src/core/events/hold-events';
import { heldEvent, scanFailedEvent, verdictEvent } from '../../src/core/events/image-events';
import { ScanFile, scanKey } from '../../src/core/evidence/evidence-keys';
import { imageName, imageOf, sibling } from '../../src/core/image/image';
import type { RegisterRow } from '../../src/core/register/row';
import { withEmptyOutbox } from '../../src/core/register/transitions';
import { loadVerdict } from '../evidence/evidence-documents';

/**
 * Publishes the events of the outbox, notifies the indexes of the image, and empties the outbox last. After
 * a crash in between, the next handler publishes them again (rule 4.3, outbox): an event may come twice,
 * but it is never lost.
 */
export async function publishOutbox(row: RegisterRow, context: EvaluateContext): Promise<void> {
  if (row.outbox === undefined) return;
  if (row.outbox.includes('verdict') && row.verdict !== undefined) {
    await publishVerdict(row, row.verdict, context);
  }
  if (row.endedHold !== undefined) {
    await context.events.publish(holdEndedEvent(row.pk, row.endedHold, row.tags));
  }
  if (row.outbox.includes('failed-scan') && row.lastFailedScan !== undefined) {
    await context.events.publish(
      scanFailedEvent(row.pk, row.lastFailedScan, { tags: row.tags, standing: row.verdict }),
    );
  }
  await context.results.sendAll(
    (row.parents ?? []).map(parent => ({ version: 1, image: imageName(sibling(imageOf(row.pk), parent)) })),
  );
  // after a lost race the outbox stays, and is published again
  await context.register.save(withEmptyOutbox(row), context.now);
}

async function publishVerdict(
  row: RegisterRow,
  summary: NonNullable<RegisterRow['verdict']>,
  context: EvaluateContext,
): Promise<void> {
  const verdict = await loadVerdict(summary, row.pk, context.evidence);
  const previous =
    row.replaced === undefined ? undefined : await loadVerdict(row.replaced, row.pk, context.evidence);
  await context.events.publish(
    verdictEvent(verdict, {
      tags: row.tags,
      previous,
      changed: row.replaced?.content !== summary.content,
      evidence: {
        bucket: context.evidence.name,
        verdictKey: summary.evidenceKey,
        ...(verdict.kind === 'scan' && {
          reportKey: scanKey(verdict.image, verdict.scanId, ScanFile.report),
        }),
      },
    }),
  );
  if (row.held?.verdictId === summary.verdictId) {
    await context.events.publish(heldEvent(row.pk, summary, row.held, row.tags));
  }
}
