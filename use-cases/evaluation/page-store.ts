import type { EvaluateContext } from './evaluate-ports';
import { splitBase } from './split-base';
import type { BaseRecord } from '../../src/core/bases/base-record';
import { baseKey, pageKey } from '../../src/core/evidence/evidence-keys';
import type { Verdict } from '../../src/core/evidence/verdict';
import { imageOf } from '../../src/core/image/image';
import type { PublishedPolicy } from '../../src/core/policy/policy';
import type { BaseSplit } from '../../src/core/report-page/base-split';
import { imagePage } from '../../src/core/report-page/image-page';
import type { Finding } from '../../src/core/scanning/finding';
import type { TrivyReport } from '../../src/core/scanning/trivy-report';
import { errorText } from '../../src/core/text/error-text';

/** What a verdict was made from. */
export interface JudgedFrom {
  readonly findings: readonly Finding[];
  readonly policy: PublishedPolicy;
  readonly report: TrivyReport;
}

/**
 * Stores the report of a verdict for people, beside the report of Trivy. Nothing is decided by it: it is
 * written last, and why it could not be written is returned, not thrown.
 */
export async function storePage(
  verdict: Verdict,
  { findings, policy, report }: JudgedFrom,
  context: EvaluateContext,
): Promise<string | undefined> {
  // another policy judged before: that verdict has its page, or never will
  if (verdict.policy.sha256 !== policy.sha256) return undefined;
  try {
    const { account, region, repository, digest } = imageOf(verdict.image);
    const { bases } = context;
    const base = await splitBase(
      verdict,
      { findings, policy: policy.document, report },
      bases && { ...context, bases },
    );
    await storeBase(verdict, base, findings.length, context);
    const page = imagePage({
      outcome: verdict.outcome,
      title: `${repository} of ${account} in ${region}`,
      digest,
      policy: policy.document,
      images: [{ verdict, findings, ...(base !== undefined && { base }) }],
      noVerdicts: [],
    });
    await context.evidence.writeOnce(pageKey(verdict), page, 'text/html; charset=utf-8');
    return undefined;
  } catch (error) {
    return `its page was not written: ${errorText(error)}`;
  }
}

/** For the page about all images. */
async function storeBase(
  verdict: Verdict,
  split: BaseSplit | undefined,
  all: number,
  { evidence }: EvaluateContext,
): Promise<void> {
  const { base, findings } = split?.known ?? {};
  if (base === undefined || findings === undefined) return;
  const record: BaseRecord = {
    schema: 1,
    image: verdict.image,
    base: base.image,
    findings: findings.size,
    own: all - findings.size,
  };
  await evidence.writeOnce(baseKey(verdict), JSON.stringify(record), 'application/json');
}
