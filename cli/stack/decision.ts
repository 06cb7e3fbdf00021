import { refusalMessage } from '../../src/core/gates/refusal-message';
import { imageOf } from '../../src/core/image/image';
import { nameText, plainText } from '../../src/core/text/plain-text';
import type { Decision } from '../../src/core/trust/decide';
import type { Reason } from '../../src/core/trust/refusal';
import { whyAdmitted } from '../../src/core/trust/why-admitted';
import type { Decided } from '../../use-cases/deployed-trust/ask';
import { ExitCode } from '../shell/exit-code';

/** Neither refused nor trusted. A gate refuses these too. */
const INDETERMINATE: ReadonlySet<Reason> = new Set<Reason>([
  'NO_VERDICT',
  'NO_IMAGE',
  'INDETERMINATE',
  'NO_STATEMENT',
  'LOOKUP_FAILED',
]);

export function exitCodeOf(decision: Decision): ExitCode {
  if (decision.trusted) return ExitCode.trusted;
  return INDETERMINATE.has(decision.reason) ? ExitCode.indeterminate : ExitCode.refused;
}

export function decisionJson({ decision, row, evidenceBucket }: Decided, image: string): object {
  const verdict = row?.verdict;
  const where =
    verdict === undefined || evidenceBucket === undefined
      ? {}
      : { verdict: `s3://${evidenceBucket}/${verdict.evidenceKey}` };
  const about = { image, ...imageOf(image), ...where };
  if (decision.trusted) {
    const { validUntil, heldBecause } = decision;
    return { trusted: true, ...about, validUntil, ...(heldBecause !== undefined && { heldBecause }) };
  }
  const { reason, says, remedy, worst } = decision;
  return { trusted: false, ...about, reason, says, remedy, findings: worst };
}

/** A refusal in the words of a stack's events. */
export function decisionLines({ decision, row, evidenceBucket }: Decided): string[] {
  if (decision.trusted) return [`${decision.image} is ${plainText(whyAdmitted(decision), 600)}`];
  if (evidenceBucket === undefined) {
    return [nameText(decision.says, 900), `To fix: ${nameText(decision.remedy, 250)}`];
  }
  return refusalMessage(decision, row, evidenceBucket).split('\n');
}
