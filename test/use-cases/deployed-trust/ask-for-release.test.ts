import { askForRelease } from '../../../use-cases/deployed-trust/ask-for-release';
import { scanId } from '../../core/support/made';

const RELEASED = {
  releaseId: scanId(1),
  pulledAt: '2026-11-26T10:00:00.000Z',
  releasedAt: '2026-11-26T11:00:00.000Z',
  until: '2026-11-27T11:00:00.000Z',
  releasedBy: 'arn:aws:iam::000000000000:role/oncall',
  justification: 'the new policy is right',
  ticket: 'INC-7',
};
const answering = (status: number, answer: unknown) => ({
  brakeReleaser: { post: async () => ({ status, answer }) } as never,
});

test('the release, as it was recorded', async () => {
  expect(await askForRelease({}, answering(200, { released: RELEASED }))).toEqual(RELEASED);
});

test.each<[string, number, unknown, object]>([
  ['what is wrong with it', 400, { problems: ['a', 'b'] }, { kind: 'usage', message: 'a; b' }],
  [
    'a role that may not',
    403,
    { Message: 'Forbidden' },
    { kind: 'indeterminate', message: expect.stringContaining('trust.evaluator.grantReleaseBrake()') },
  ],
  [
    'a function that fails',
    502,
    undefined,
    {
      kind: 'indeterminate',
      message: 'the function that releases the brake answered 502: see its log',
    },
  ],
])('%s is an error', async (_what, status, answer, error) => {
  await expect(askForRelease({}, answering(status, answer))).rejects.toMatchObject(error);
});
