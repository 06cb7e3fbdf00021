import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Check } from '../../aws-check/check';
import { requireSamePlace } from '../../aws-check/place';
import { removeEverything } from '../../aws-check/remove';
import { StateFile, type Made } from '../../aws-check/state';

const ID = 'c0123456';
const MINE = { Key: 'aws-check', Value: ID };
const REPOSITORY: Made = { type: 'AWS::ECR::Repository', id: 'team/app', stack: 'Quickstart' };
const ALIAS: Made = { type: 'AWS::KMS::Alias', id: 'alias/quickstart', stack: 'Quickstart' };
const FUNCTION: Made = {
  type: 'AWS::Lambda::Function',
  id: 'Quickstart-CustomResource0A1B2C3D-AbCdEfGhIjK1',
  stack: 'Quickstart',
};
const GROUP = `/aws/lambda/${FUNCTION.id}`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'remove-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Account {
  readonly repositories?: Record<string, { Key: string; Value: string }[] | 'denied'>;
  readonly aliases?: Record<string, { Key: string; Value: string }[]>;
  readonly groups?: readonly string[];
  /** Somebody else's stacks. */
  readonly stacks?: readonly string[];
}

/** The check of an account that has this, and nothing else. Tells what was removed, and what was left. */
async function removeFrom(account: Account, made: readonly Made[], endpoint?: string) {
  const { repositories = {}, aliases = {}, groups = [], stacks = [] } = account;
  const removed: string[] = [];
  const nothing = () => Promise.resolve({});
  const aws = {
    cloudformation: {
      describeStacks: ({ StackName }: { StackName?: string }) => {
        if (StackName !== undefined && !stacks.includes(StackName)) {
          const message = `Stack with id ${StackName} does not exist`;
          return Promise.reject(Object.assign(new Error(message), { name: 'ValidationError' }));
        }
        return Promise.resolve({
          Stacks: stacks.map(name => ({ StackName: name, StackStatus: 'CREATE_COMPLETE' })),
        });
      },
    },
    ecr: {
      describeRepositories: () =>
        Promise.resolve({
          repositories: Object.keys(repositories).map(name => ({
            repositoryName: name,
            repositoryArn: `arn:${name}`,
          })),
        }),
      listTagsForResource: ({ resourceArn }: { resourceArn: string }) => {
        const tags = repositories[resourceArn.slice('arn:'.length)];
        return tags === 'denied'
          ? Promise.reject(new Error('you may not ecr:ListTagsForResource'))
          : Promise.resolve({ tags });
      },
      deleteRepository: ({ repositoryName }: { repositoryName: string }) =>
        Promise.resolve(removed.push(repositoryName)),
    },
    kms: {
      listAliases: () => Promise.resolve({ Aliases: Object.keys(aliases).map(AliasName => ({ AliasName })) }),
      describeKey: ({ KeyId }: { KeyId: string }) =>
        Promise.resolve({ KeyMetadata: { KeyId, KeyState: 'Enabled' } }),
      listResourceTags: ({ KeyId }: { KeyId: string }) =>
        Promise.resolve({
          Tags: aliases[KeyId]?.map(({ Key, Value }) => ({ TagKey: Key, TagValue: Value })),
        }),
      scheduleKeyDeletion: ({ KeyId }: { KeyId: string }) => Promise.resolve(removed.push(`key of ${KeyId}`)),
      deleteAlias: ({ AliasName }: { AliasName: string }) => Promise.resolve(removed.push(AliasName)),
    },
    logs: {
      describeLogGroups: () =>
        Promise.resolve({
          logGroups: groups.map(name => ({ logGroupName: name, arn: `arn:${name}:*` })),
        }),
      listTagsForResource: nothing,
      deleteLogGroup: ({ logGroupName }: { logGroupName: string }) =>
        Promise.resolve(removed.push(logGroupName)),
    },
    events: { listRules: nothing },
    sqs: { listQueues: nothing },
    sns: { listTopics: nothing },
    codebuild: { listProjects: nothing },
    ecs: { listTaskDefinitions: nothing },
    dynamodb: { listTables: nothing },
    s3: { listBuckets: nothing },
    iam: { listRoles: nothing },
  };
  const file = newState(made, endpoint);
  await removeEverything({
    aws,
    file,
    folder,
    cloud: { account: '111122223333', region: 'eu-west-1', endpoint, mark: { id: ID } },
    say: () => undefined,
  } as unknown as Check);
  return { removed, left: file.state.left };
}

function newState(made: readonly Made[] = [], endpoint?: string): StateFile {
  return StateFile.create(folder, {
    version: 1,
    id: ID,
    account: '111122223333',
    region: 'eu-west-1',
    profile: 'sandbox',
    endpoint,
    suites: [],
    startedAt: '2026-11-26T00:00:00.000Z',
    done: [],
    pushed: {},
    suiteOutcomes: {},
    checks: {},
    made: [...made],
    left: [],
  });
}

test.each([undefined, 'http://127.0.0.1:4566'])(
  "a name that an app fixes, without the check's tag, is left and named (endpoint %s)",
  async endpoint => {
    const others = [{ Key: 'aws-check', Value: 'c9999999' }];
    const account = { repositories: { 'team/app': [] }, aliases: { 'alias/quickstart': others } };
    const { removed, left } = await removeFrom(account, [REPOSITORY, ALIAS], endpoint);
    expect(removed).toEqual([]);
    expect(left).toEqual([
      expect.stringContaining(`the repository team/app: it has not the tag aws-check=${ID}`),
      expect.stringContaining(`the key with the alias alias/quickstart: it has not the tag aws-check=${ID}`),
    ]);
  },
);

test("what has the check's tag, or its mark in the name, is removed; what no stack of it made is not", async () => {
  const account = {
    repositories: { 'team/app': [MINE], [`team/aws-check-${ID}`]: 'denied' as const, other: [MINE] },
    aliases: { 'alias/quickstart': [MINE] },
  };
  const { removed, left } = await removeFrom(account, [REPOSITORY, ALIAS]);
  expect(left).toEqual([]);
  expect(removed).toEqual([
    'team/app',
    `team/aws-check-${ID}`,
    'key of alias/quickstart',
    'alias/quickstart',
  ]);
});

test('a tag that cannot be read leaves what it would be of', async () => {
  const { removed, left } = await removeFrom({ repositories: { 'team/app': 'denied' } }, [REPOSITORY]);
  expect(removed).toEqual([]);
  expect(left).toEqual([
    `the repository team/app: its tag aws-check=${ID} cannot be read, Error: you may not ecr:ListTagsForResource`,
  ]);
});

test('the log of a function goes, which has no tags, but not if the function had a name of its own', async () => {
  const fixed: Made = { ...FUNCTION, id: 'notify' };
  const groups = [GROUP, '/aws/lambda/notify', '/aws/lambda/another'];
  const { removed, left } = await removeFrom({ groups }, [FUNCTION, fixed]);
  expect(removed).toEqual([GROUP]);
  expect(left).toEqual([expect.stringContaining('the log group /aws/lambda/notify: it has not the tag')]);
});

test('nor does it go while somebody else has a stack of that name', async () => {
  const account = { groups: [GROUP], stacks: ['Quickstart'] };
  expect((await removeFrom(account, [FUNCTION])).removed).toEqual([]);
});

test('a check goes on in the account and the region where it began, and nowhere else', async () => {
  const file = newState();
  const caller = (Account?: string) => ({
    sts: { getCallerIdentity: () => Promise.resolve({ Account, $metadata: {} }) },
  });
  await requireSamePlace(file, caller('111122223333'));
  await requireSamePlace(file, caller('111122223333'), 'eu-west-1');
  await expect(requireSamePlace(file, caller('444455556666'))).rejects.toThrow(
    `the account of the caller is 444455556666, allowed: 111122223333, where the check of ${file.path} began: let the profile sandbox name that account`,
  );
  await expect(requireSamePlace(file, caller(undefined))).rejects.toThrow(
    'is unknown, allowed: 111122223333',
  );
  await expect(requireSamePlace(file, caller('111122223333'), 'us-east-1')).rejects.toThrow(
    '--region is us-east-1, allowed: eu-west-1',
  );
});
