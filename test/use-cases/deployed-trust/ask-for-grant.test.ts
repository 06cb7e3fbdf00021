import { askForGrant } from '../../../use-cases/deployed-trust/ask-for-grant';
import { grant } from '../../core/support/grants';

const answering = (status: number, answer: unknown) => ({
  granter: { post: async () => ({ status, answer }) } as never,
});

test('the grant that was made, or those that ended', async () => {
  expect(await askForGrant({}, answering(200, { granted: grant() }))).toEqual([grant()]);
  expect(await askForGrant({}, answering(200, { ended: [grant()] }))).toEqual([grant()]);
});

test.each<[string, number, unknown, object]>([
  ['what is wrong with it', 400, { problems: ['a', 'b'] }, { kind: 'usage', message: 'a; b' }],
  [
    'a role that may not',
    403,
    { Message: 'Forbidden' },
    { kind: 'indeterminate', message: expect.stringContaining('may not grant') },
  ],
  [
    'a function that fails',
    502,
    undefined,
    { kind: 'indeterminate', message: expect.stringContaining('answered 502') },
  ],
])('%s is an error', async (_what, status, answer, error) => {
  await expect(askForGrant({}, answering(status, answer))).rejects.toMatchObject(error);
});
