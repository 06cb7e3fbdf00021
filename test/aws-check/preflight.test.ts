import { RepositoryNotFoundException } from '@aws-sdk/client-ecr';
import { NotFoundException } from '@aws-sdk/client-kms';
import type { Check } from '../../aws-check/check';
import { preflight } from '../../aws-check/preflight';

const $metadata = {};

interface Names {
  readonly stacks?: readonly string[];
  readonly repositories?: readonly string[];
  readonly aliases?: readonly string[];
  /** A name that the account does not tell of. */
  readonly denied?: string;
}

/** An account with these names, each of which stands on no first page. */
function accountOf({ stacks = [], repositories = [], aliases = [], denied }: Names): Check {
  const find = (has: readonly string[], name: string, missing: Error): Promise<unknown> => {
    if (name === denied) return Promise.reject(new Error(`not authorized for ${name}`));
    return has.includes(name) ? Promise.resolve([name]) : Promise.reject(missing);
  };
  const aws = {
    cloudformation: {
      describeStacks: async ({ StackName, NextToken }: { StackName?: string; NextToken?: string }) => {
        if (StackName === undefined) {
          if (NextToken === undefined) return { Stacks: [], NextToken: 'second' };
          return { Stacks: stacks.map(name => ({ StackName: name, StackStatus: 'CREATE_COMPLETE' })) };
        }
        const message = `Stack with id ${StackName} does not exist`;
        await find(stacks, StackName, Object.assign(new Error(message), { name: 'ValidationError' }));
        return { Stacks: [{ StackName, StackStatus: 'CREATE_COMPLETE' }] };
      },
    },
    ecr: {
      describeRepositories: async ({ repositoryNames }: { repositoryNames?: [string] }) => {
        if (repositoryNames === undefined) return { repositories: [], nextToken: 'second' };
        await find(
          repositories,
          repositoryNames[0],
          new RepositoryNotFoundException({ message: '', $metadata }),
        );
        return {};
      },
    },
    kms: {
      listAliases: () => Promise.resolve({ Aliases: [], NextMarker: 'second' }),
      describeKey: async ({ KeyId }: { KeyId: string }) => {
        await find(aliases, KeyId, new NotFoundException({ message: '', $metadata }));
        return {};
      },
    },
  };
  return { aws, cloud: { mark: { id: 'c0123456' } } } as unknown as Check;
}

test('an account without the names is free, whatever else it has', async () => {
  const others = { stacks: ['Other'], repositories: ['team/other'], aliases: ['alias/other'] };
  await expect(preflight(accountOf(others))).resolves.toBeUndefined();
});

test.each([
  [{ stacks: ['Quickstart'] }, 'the stack Quickstart'],
  [{ stacks: ['Lifecycle'] }, 'the stack Lifecycle'],
  [{ repositories: ['team/app'] }, 'the repository team/app'],
  [{ aliases: ['alias/quickstart'] }, 'the key alias/quickstart'],
])('a name that is taken is found, on whichever page it stands: %j', async (names, taken) => {
  await expect(preflight(accountOf(names))).rejects.toThrow(`the account has ${taken} already`);
});

test.each(['Quickstart', 'team/app', 'alias/quickstart'])(
  'an answer that does not say that %s is free ends the check',
  async denied => {
    await expect(preflight(accountOf({ denied }))).rejects.toThrow(`not authorized for ${denied}`);
  },
);
