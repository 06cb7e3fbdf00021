import { newRow, type RegisterRow } from '../../../src/core/register/row';
import { withVerdict } from '../../../src/core/register/transitions';
import { askRegister } from '../../../src/core/trust/ask-register';
import { KEY } from '../signing/crafted';
import { failing, IMAGE, NOW, summary } from '../support/made';
import { signedRow } from '../support/signing';

const SIGNED = signedRow(KEY);
const lastFailedScan = {
  at: NOW.toISOString(),
  cause: 'NOT_COVERED' as const,
  detail: 'Trivy found nothing',
  count: 1,
};
const row = (audit: true | undefined): RegisterRow => ({
  ...SIGNED,
  verdict: { ...SIGNED.verdict!, policyRevision: 3, ...(audit && { audit }) },
});

async function ask(of: RegisterRow, activePolicy: number | undefined) {
  const reads: string[] = [];
  const { decision } = await askRegister(
    IMAGE,
    {
      register: { load: async () => of },
      keys: { all: async () => [KEY.verification] },
      policies: {
        policy: async () => {
          reads.push('policy');
          return activePolicy === undefined ? undefined : { revision: activePolicy };
        },
      },
    },
    NOW,
  );
  return { decision, reads };
}

describe('the PASS of an audit', () => {
  test('counts while the audit is active', async () => {
    expect((await ask(row(true), 3)).decision).toMatchObject({ trusted: true });
  });

  test.each<[string, RegisterRow, number | undefined, string, RegExp]>([
    [
      'and nobody judged it since',
      row(true),
      4,
      'NO_VERDICT',
      /an audit let it through, and the policy that is active now has not judged it yet/,
    ],
    [
      'and its last scan was indeterminate',
      { ...row(true), lastFailedScan },
      4,
      'INDETERMINATE',
      /has not judged it; NOT_COVERED: Trivy found nothing/,
    ],
    [
      'and that one has an older revision: the policy store was lost',
      row(true),
      2,
      'NO_VERDICT',
      /has not judged it yet/,
    ],
    ['or nobody knows which policy is active', row(true), undefined, 'NO_VERDICT', /has not judged it yet/],
  ])(
    'counts no more where another policy is active, %s (rule 5.7, fail closed)',
    async (_, each, activePolicy, reason, says) => {
      expect((await ask(each, activePolicy)).decision).toMatchObject({
        trusted: false,
        reason,
        says: expect.stringMatching(says),
      });
    },
  );
});

test.each<[string, RegisterRow, boolean]>([
  ['a PASS of a policy that refuses', row(undefined), true],
  ['an image without a verdict', newRow(IMAGE), false],
])('%s takes no read of the active policy', async (_, each, trusted) => {
  const { decision, reads } = await ask(each, 4);
  expect([decision.trusted, reads]).toEqual([trusted, []]);
});

test.each<[string, RegisterRow, string | undefined]>([
  ['no verdict', newRow(IMAGE), 'NO_VERDICT'],
  ['a FAIL after trust', withVerdict(SIGNED, summary(failing({ scanSeq: 2 }))), 'REVOKED'],
  ['a PASS', SIGNED, undefined],
])(
  'rule 5.7, fail closed: keys that cannot be read stand in the way of trust, and of no refusal: %s',
  async (_, of, reason) => {
    const asked = askRegister(
      IMAGE,
      {
        register: { load: async () => of },
        keys: { all: async () => Promise.reject(new Error('no connection')) },
        policies: { policy: async () => undefined },
      },
      NOW,
    ).then(
      ({ decision }) => ('reason' in decision ? decision.reason : 'trusted'),
      () => undefined,
    );
    expect(await asked).toBe(reason);
  },
);
