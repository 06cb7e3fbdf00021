import type { Check } from '../../aws-check/check';
import { trySecondApp } from '../../aws-check/second-app/deploy';
import { STEPS } from '../../aws-check/steps';
import { cdk } from '../../local/cloud/cdk';

jest.mock('../../local/cloud/cdk', () => ({
  ...jest.requireActual<object>('../../local/cloud/cdk'),
  cdk: jest.fn(),
}));

/** What a check knows after it tried, whose deployments end like this. */
async function stateAfter(secondApp: object | undefined, deployed: Promise<string>) {
  jest.mocked(cdk).mockReset().mockReturnValue(deployed);
  let state: object = { secondApp, pushed: {}, made: [] };
  const check = {
    cloud: { mark: { id: 'c0123456' }, region: 'us-east-1', account: '111122223333' },
    file: {
      get state() {
        return state;
      },
      update: (changes: object) => (state = { ...state, ...changes }),
    },
    say: () => undefined,
  };
  await trySecondApp(check as unknown as Check);
  return state;
}

test('a second app that is not deployed ends no check: the reason is kept, and what follows removes it', async () => {
  const state = await stateAfter({}, Promise.reject(new Error('the hook is refused')));
  expect(state).toMatchObject({ secondApp: { failed: 'Error: the hook is refused' } });
  expect(STEPS.at(-1)!.name).toBe('numbered checks'); // and then everything is removed
});

test('a check that did not ask for it deploys nothing more', async () => {
  expect(
    await stateAfter(
      undefined,
      Promise.reject(new Error('not asked for')).catch(() => ''),
    ),
  ).toMatchObject({
    secondApp: undefined,
  });
  expect(cdk).not.toHaveBeenCalled();
});
