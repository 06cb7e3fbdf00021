import { ReconcileMessage, SWEEP } from '../../../src/core/scanning/reconcile-message';

const repository = { account: '000000000000', region: 'us-east-1', repository: 'team/app' };

describe('a message of the reconcile queue', () => {
  test.each([SWEEP, repository])('%j is one', message => {
    expect(ReconcileMessage.parse(message)).toEqual(message);
  });

  test.each([
    { sweep: 'some' },
    { ...repository, repository: '*' },
    { ...repository, account: undefined },
    {},
    null,
    'all',
  ])('%j is refused', message => {
    expect(ReconcileMessage.safeParse(message).success).toBe(false);
  });
});
