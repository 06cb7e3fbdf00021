import type { AlertMessage } from './message';
import {
  DetailType,
  type ImageScanFailedDetail,
  type ImageVerdictDetail,
  type VerdictOrFailure,
} from '../events/image-events';
import type { Violation } from '../evidence/verdict';
import { LINE_CHARACTERS, nameText, subjectText } from '../text/plain-text';

/** How many of the worst violations a message lists. */
const LISTED = 5;

/** A message that the team can act on, or undefined if nothing needs attention. */
export function alertMessage(event: VerdictOrFailure): AlertMessage | undefined {
  return event.detailType === DetailType.verdict
    ? verdictMessage(event.detail)
    : scanFailedMessage(event.detail);
}

function verdictMessage(detail: ImageVerdictDetail): AlertMessage | undefined {
  const recovered = detail.outcome === 'PASS' && detail.previousOutcome === 'FAIL';
  // a newly enrolled repository may contain a thousand old images: they are in the findings table, and get no
  // message each
  if (detail.reason === 'enrolment' && detail.previousOutcome === 'NONE') return undefined;
  if (!detail.changed || (detail.outcome === 'PASS' && !recovered)) return undefined;
  const name = shortName(detail);
  const rest = detail.violationCount - Math.min(LISTED, detail.violations.length);
  return {
    subject: subjectText(`${detail.outcome}: ${name}`),
    title: `${detail.outcome}: ${name}`,
    lines: [
      `image: ${detail.image}`,
      `verdict: ${detail.outcome} (before: ${detail.previousOutcome}), valid until ${detail.validUntil}, policy ${nameText(detail.policy.name, 100)} revision ${detail.policy.revision}`,
      `findings: ${counts(detail)}; violations: ${detail.violationCount} (${detail.newViolationCount} new, ${detail.resolvedViolationCount} resolved)`,
      ...detail.violations.slice(0, LISTED).map(violation => `- ${line(violation)}`),
      ...(rest > 0 ? [`- and ${rest} more`] : []),
      `verdict document: s3://${detail.evidence.bucket}/${detail.evidence.verdictKey}`,
      ...(detail.evidence.reportKey === undefined
        ? []
        : [`report: s3://${detail.evidence.bucket}/${detail.evidence.reportKey}`]),
    ],
    nextSteps: [...new Set(detail.violations.slice(0, LISTED).map(({ remedy }) => nameText(remedy, 300)))],
  };
}

function scanFailedMessage(detail: ImageScanFailedDetail): AlertMessage | undefined {
  // a user or a lifecycle rule deleted the image: that needs no action
  if (detail.cause === 'IMAGE_GONE') return undefined;
  if (detail.retryAt !== undefined) return undefined; // it is retried: no action is needed yet
  const name = shortName(detail);
  const { outcome, validUntil } = detail.standing;
  return {
    subject: subjectText(`ERROR ${detail.cause}: ${name}`),
    title: `ERROR ${detail.cause}: ${name}`,
    lines: [
      `image: ${detail.image}`,
      `the scan is indeterminate: ${nameText(detail.detail, LINE_CHARACTERS)}`,
      outcome === 'NONE'
        ? 'the image has no verdict, so it is not trusted'
        : `its verdict ${outcome} stands until ${validUntil}`,
      `failed scans in a row: ${detail.count}`,
    ],
    nextSteps: [detail.remedy],
  };
}

function line({ message, remedy, platform }: Violation): string {
  return nameText(`${platform === undefined ? '' : `[${platform}] `}${message}; ${remedy}`, 400);
}

function shortName({
  repository,
  digest,
  tags,
}: {
  repository: string;
  digest: string;
  tags: readonly string[];
}): string {
  const [tag] = tags;
  return nameText(`${repository}${tag === undefined ? '' : `:${tag}`}@${digest.slice(0, 19)}`, 200);
}

function counts({ counts: bySeverity }: ImageVerdictDetail): string {
  return (
    Object.entries(bySeverity)
      .filter(([, count]) => count > 0)
      .map(([severity, count]) => `${count} ${severity}`)
      .join(', ') || 'none'
  );
}
