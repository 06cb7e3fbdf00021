import { whyAudited } from '../../../src/core/trust/audited';
import { newRow, type RegisterRow } from '../../../src/core/register/row';
import type { VerdictSummary } from '../../../src/core/evidence/verdict';
import { IMAGE, NOW } from '../support/made';

const row = (
  audit: true | undefined,
  attempt?: Partial<NonNullable<RegisterRow['lastAttempt']>>,
): RegisterRow => ({
  ...newRow(IMAGE),
  verdict: { outcome: 'PASS', policyRevision: 3, ...(audit && { audit }) } as VerdictSummary,
  ...(attempt !== undefined && {
    lastAttempt: {
      at: NOW.toISOString(),
      cause: 'NOT_COVERED',
      detail: 'Trivy found nothing',
      count: 1,
      ...attempt,
    },
  }),
});

describe('what an audit let through', () => {
  test.each([
    ['while the audit is in force', row(true), 3],
    ['where the policy refuses', row(undefined), 4],
    ['where there is no verdict', newRow(IMAGE), 4],
  ])('counts %s', (_, each, inForce) => {
    expect(whyAudited(IMAGE, each, inForce)).toBeUndefined();
  });

  test.each([
    [
      'and nobody judged it since',
      row(true),
      4,
      'NO_VERDICT',
      /an audit let it through, and the policy that is in force now has not judged it yet/,
    ],
    [
      'and its last scan could not tell',
      row(true, {}),
      4,
      'COULD_NOT_TELL',
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
    'counts no more where another policy is in force, %s (rule 5.7, fail closed)',
    (_, each, inForce, reason, says) => {
      expect(whyAudited(IMAGE, each, inForce)).toMatchObject({
        trusted: false,
        reason,
        says: expect.stringMatching(says),
      });
    },
  );
});
