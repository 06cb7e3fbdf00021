import { whyAudited } from '../../../src/core/trust/audited';
import { newRow, type RegisterRow } from '../../../src/core/register/row';
import type { VerdictSummary } from '../../../src/core/evidence/verdict';
import { IMAGE, NOW } from '../support/made';

const row = (
  audit: true | undefined,
  failedScan?: Partial<NonNullable<RegisterRow['lastFailedScan']>>,
): RegisterRow => ({
  ...newRow(IMAGE),
  verdict: { outcome: 'PASS', policyRevision: 3, ...(audit && { audit }) } as VerdictSummary,
  ...(failedScan !== undefined && {
    lastFailedScan: {
      at: NOW.toISOString(),
      cause: 'NOT_COVERED',
      detail: 'Trivy found nothing',
      count: 1,
      ...failedScan,
    },
  }),
});

describe('what an audit let through', () => {
  test.each([
    ['while the audit is active', row(true), 3],
    ['where the policy refuses', row(undefined), 4],
    ['where there is no verdict', newRow(IMAGE), 4],
  ])('counts %s', (_, each, activePolicy) => {
    expect(whyAudited(IMAGE, each, activePolicy)).toBeUndefined();
  });

  test.each([
    [
      'and nobody judged it since',
      row(true),
      4,
      'NO_VERDICT',
      /an audit let it through, and the policy that is active now has not judged it yet/,
    ],
    [
      'and its last scan was indeterminate',
      row(true, {}),
      4,
      'INDETERMINATE',
      /has not judged it; NOT_COVERED: Trivy found nothing/,
    ],
    [
      'and that one has a revision of before: the policy store was lost',
      row(true),
      2,
      'NO_VERDICT',
      /has not judged it yet/,
    ],
    ['or nobody knows which is', row(true), undefined, 'NO_VERDICT', /has not judged it yet/],
  ])(
    'counts no more where another policy is active, %s (rule 5.7, fail closed)',
    (_, each, activePolicy, reason, says) => {
      expect(whyAudited(IMAGE, each, activePolicy)).toMatchObject({
        trusted: false,
        reason,
        says: expect.stringMatching(says),
      });
    },
  );
});
