import { NO_IMPORTERS, type Importers } from '../../../src/core/sharing/importers';
import { keepImported } from '../../../use-cases/sharing/keep-imported';

const STACK =
  'arn:aws:cloudformation:eu-west-1:111122223333:stack/Platform/6f1c7a10-0000-11f1-8000-0a1b2c3d4e5f';
const IMPORTED: Importers = { stacks: { [STACK.replace('Platform', 'Web')]: '2026-11-23T12:00:00Z' } };
const REQUEST = { RequestType: 'Delete', StackId: STACK, LogicalResourceId: 'Guard' } as const;

const never = async <T>() => new Promise<T>(() => undefined);

const asked = (status: string | undefined, load: () => Promise<Importers>) => ({
  stackStatus: async (stackId: string) => (stackId === STACK ? status : 'OTHER'),
  importers: { load },
  pause: never,
});
const imported = async () => IMPORTED;
const notRead = async () => {
  throw new Error('it is not to be asked');
};

test('the deletion of the stack is refused while others import its trust', async () => {
  expect(await keepImported(REQUEST, asked('DELETE_IN_PROGRESS', imported))).toContain(
    'Web in 111122223333.eu-west-1',
  );
});

test('it is not refused if nobody does', async () => {
  expect(
    await keepImported(
      REQUEST,
      asked('DELETE_IN_PROGRESS', async () => NO_IMPORTERS),
    ),
  ).toBeUndefined();
});

test.each([
  'ROLLBACK_IN_PROGRESS',
  'UPDATE_ROLLBACK_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
  undefined,
])('in a stack that is %s nothing is refused: it must get to its end', async status => {
  expect(await keepImported(REQUEST, asked(status, notRead))).toBeUndefined();
});

describe('without an answer in ten seconds', () => {
  const soon = async (seconds: number) => expect(seconds).toBe(10);

  test('of the stack, nothing is refused', async () => {
    const context = { ...asked(undefined, notRead), stackStatus: never<string>, pause: soon };
    expect(await keepImported(REQUEST, context)).toBeUndefined();
  });

  test('of the register, the deletion is refused and says how to go on (rule 5.7, fail closed)', async () => {
    let pauses = 0;
    const context = {
      ...asked('DELETE_IN_PROGRESS', never<Importers>),
      pause: async () => ((pauses += 1) === 1 ? never<void>() : undefined),
    };
    expect(await keepImported(REQUEST, context)).toMatch(
      /^which stacks import this trust cannot be read \(Error: no answer within 10 seconds\)\. To delete .* --retain-resources Guard$/,
    );
  });
});

test.each(['Create', 'Update'] as const)('a %s asks nobody', async RequestType => {
  expect(
    await keepImported({ ...REQUEST, RequestType }, asked('DELETE_IN_PROGRESS', notRead)),
  ).toBeUndefined();
});

test('if nobody knows who imports it, the deletion is refused and says how to go on (rule 5.7, fail closed)', async () => {
  const denied = async () => {
    throw Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' });
  };
  expect(await keepImported(REQUEST, asked('DELETE_IN_PROGRESS', denied))).toMatch(
    /^which stacks import this trust cannot be read \(AccessDeniedException: not authorized\)\. To delete .* --retain-resources Guard$/,
  );
});
