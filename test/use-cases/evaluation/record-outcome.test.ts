import type { Verdict } from '../../../src/core/evidence/verdict';
import { recordVerdict } from '../../../use-cases/evaluation/record-outcome';
import { storeVerdict } from '../../../use-cases/evaluation/verdict-store';
import { IMAGE, verdict } from '../../core/support/made';
import { World } from '../world';

const POLICY = verdict().policy;
const judged = (policy: number, waivers: number): Verdict =>
  verdict({ policy: { ...POLICY, revision: policy }, waivers: { revision: waivers } });

/** Whoever judged first wrote the evidence and died before it wrote the register (rule 4.3, outbox). */
async function recordedAfter(first: Verdict, second: Verdict) {
  const world = new World();
  const context = world.evaluateContext();
  await storeVerdict(first, context.evidence);
  await recordVerdict(world.row(IMAGE), { verdict: second }, context);
  return world.row(IMAGE).verdict!;
}

test.each([
  ['an older policy', judged(1, 1), judged(2, 1)],
  ['older waivers', judged(1, 1), judged(1, 2)],
])(
  'a verdict that was stored by %s and never registered does not replace the present one, which gets its own id (rules 4.2, 4.9)',
  async (_, first, second) => {
    const recorded = await recordedAfter(first, second);
    expect(recorded).toMatchObject({
      policyRevision: second.policy.revision,
      waiverRevision: second.waivers.revision,
    });
    expect(recorded.verdictId).not.toBe(first.verdictId);
  },
);

test.each([
  ['the same policy and waivers', judged(1, 1), judged(1, 1)],
  ['a newer policy', judged(2, 1), judged(1, 1)],
  ['newer waivers', judged(1, 2), judged(1, 1)],
])(
  'a verdict that was written by %s is the one that counts: others may have read it',
  async (_, first, second) => {
    const { verdictId, policy, waivers } = first;
    expect(await recordedAfter(first, second)).toMatchObject({
      verdictId,
      policyRevision: policy.revision,
      waiverRevision: waivers.revision,
    });
  },
);
