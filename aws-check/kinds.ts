import { ownName, type Check } from './check';

/** A kind of thing that a check makes, or that stays when its stack goes. */
export interface Kind {
  /** As CloudFormation calls it. */
  readonly type: string;
  readonly name: string;
  /** Ids of all that the account has, as CloudFormation would give them. */
  list(check: Check): Promise<string[]>;
  /** Those that it has: a stack's tags reach what it makes. */
  tags(check: Check, id: string): Promise<Tags>;
  remove(check: Check, id: string): Promise<void>;
  empty?(check: Check, id: string): Promise<void>;
}

type Tags = Readonly<Record<string, string | undefined>>;

/** Shortest wait that KMS allows. A key that waits costs nothing. */
const KEY_DELETION_DAYS = 7;

/** In the order in which they go. */
export const KINDS: readonly Kind[] = [
  {
    type: 'AWS::Events::Rule',
    name: 'rule',
    list: async ({ aws }) =>
      pages(async NextToken => {
        const { Rules = [], NextToken: next } = await aws.events.listRules({ NextToken });
        return [Rules.map(({ Name }) => Name!), next];
      }),
    tags: async ({ aws }, Name) => {
      const { Arn } = await aws.events.describeRule({ Name });
      return byKey((await aws.events.listTagsForResource({ ResourceARN: Arn })).Tags);
    },
    remove: async ({ aws }, Rule) => {
      const { Targets = [] } = await aws.events.listTargetsByRule({ Rule });
      if (Targets.length > 0) await aws.events.removeTargets({ Rule, Ids: Targets.map(({ Id }) => Id!) });
      await aws.events.deleteRule({ Name: Rule });
    },
  },
  {
    type: 'AWS::SQS::Queue',
    name: 'queue',
    list: async ({ aws }) =>
      pages(async NextToken => {
        const { QueueUrls = [], NextToken: next } = await aws.sqs.listQueues({ NextToken, MaxResults: 1000 });
        return [QueueUrls, next];
      }),
    tags: async ({ aws }, QueueUrl) => (await aws.sqs.listQueueTags({ QueueUrl })).Tags ?? {},
    remove: async ({ aws }, QueueUrl) => void (await aws.sqs.deleteQueue({ QueueUrl })),
  },
  {
    type: 'AWS::SNS::Topic',
    name: 'topic',
    list: async ({ aws }) =>
      pages(async NextToken => {
        const { Topics = [], NextToken: next } = await aws.sns.listTopics({ NextToken });
        return [Topics.map(({ TopicArn }) => TopicArn!), next];
      }),
    tags: async ({ aws }, ResourceArn) => byKey((await aws.sns.listTagsForResource({ ResourceArn })).Tags),
    remove: async ({ aws }, TopicArn) => void (await aws.sns.deleteTopic({ TopicArn })),
  },
  {
    type: 'AWS::CodeBuild::Project',
    name: 'project',
    list: async ({ aws }) =>
      pages(async nextToken => {
        const { projects = [], nextToken: next } = await aws.codebuild.listProjects({ nextToken });
        return [projects, next];
      }),
    tags: async ({ aws }, name) => {
      const { projects = [] } = await aws.codebuild.batchGetProjects({ names: [name] });
      return byKey(projects[0]?.tags?.map(({ key, value }) => ({ Key: key, Value: value })));
    },
    remove: async ({ aws }, name) => void (await aws.codebuild.deleteProject({ name })),
  },
  {
    type: 'AWS::DynamoDB::GlobalTable',
    name: 'table',
    list: async ({ aws }) =>
      pages(async ExclusiveStartTableName => {
        const { TableNames = [], LastEvaluatedTableName } = await aws.dynamodb.listTables({
          ExclusiveStartTableName,
        });
        return [TableNames, LastEvaluatedTableName];
      }),
    tags: async ({ aws }, TableName) => {
      const { Table } = await aws.dynamodb.describeTable({ TableName });
      return byKey((await aws.dynamodb.listTagsOfResource({ ResourceArn: Table!.TableArn })).Tags);
    },
    remove: async ({ aws }, TableName) => {
      await aws.dynamodb.updateTable({ TableName, DeletionProtectionEnabled: false }).catch(() => undefined);
      await aws.dynamodb.deleteTable({ TableName });
    },
  },
  {
    type: 'AWS::S3::Bucket',
    name: 'bucket',
    list: async ({ aws }) => ((await aws.s3.listBuckets({})).Buckets ?? []).map(({ Name }) => Name!),
    tags: async ({ aws }, Bucket) => {
      const none = (error: unknown) => {
        if (error instanceof Error && error.name === 'NoSuchTagSet') return { TagSet: [] };
        throw error;
      };
      return byKey((await aws.s3.getBucketTagging({ Bucket }).catch(none)).TagSet);
    },
    empty: emptyBucket,
    remove: async (check, Bucket) => {
      await emptyBucket(check, Bucket);
      await check.aws.s3.deleteBucket({ Bucket });
    },
  },
  {
    // revisions that a check registered by a call
    type: 'AWS::ECS::TaskDefinition',
    name: 'task definition',
    list: async ({ aws, cloud }) =>
      pages(async nextToken => {
        const { taskDefinitionArns = [], nextToken: next } = await aws.ecs.listTaskDefinitions({
          familyPrefix: ownName({ cloud }),
          nextToken,
        });
        return [taskDefinitionArns, next];
      }),
    tags: async ({ aws }, taskDefinition) => {
      const { tags = [] } = await aws.ecs.describeTaskDefinition({ taskDefinition, include: ['TAGS'] });
      return byKey(tags.map(({ key, value }) => ({ Key: key, Value: value })));
    },
    remove: async ({ aws }, taskDefinition) => {
      await aws.ecs.deregisterTaskDefinition({ taskDefinition });
    },
  },
  {
    type: 'AWS::ECR::Repository',
    name: 'repository',
    list: async ({ aws }) =>
      pages(async nextToken => {
        const { repositories = [], nextToken: next } = await aws.ecr.describeRepositories({ nextToken });
        return [repositories.map(({ repositoryName }) => repositoryName!), next];
      }),
    tags: async ({ aws }, repositoryName) => {
      const { repositories = [] } = await aws.ecr.describeRepositories({ repositoryNames: [repositoryName] });
      return byKey((await aws.ecr.listTagsForResource({ resourceArn: repositories[0]!.repositoryArn })).tags);
    },
    empty: async ({ aws }, repositoryName) => {
      const { imageIds = [] } = await aws.ecr.listImages({ repositoryName, maxResults: 1000 });
      const digests = [...new Set(imageIds.map(({ imageDigest }) => imageDigest!))];
      for (let at = 0; at < digests.length; at += 100) {
        const ids = digests.slice(at, at + 100).map(imageDigest => ({ imageDigest }));
        await aws.ecr.batchDeleteImage({ repositoryName, imageIds: ids });
      }
    },
    remove: async ({ aws }, repositoryName) =>
      void (await aws.ecr.deleteRepository({ repositoryName, force: true })),
  },
  {
    type: 'AWS::IAM::Role',
    name: 'role',
    list: async ({ aws }) =>
      pages(async Marker => {
        const { Roles = [], Marker: next } = await aws.iam.listRoles({ Marker });
        return [Roles.map(({ RoleName }) => RoleName!), next];
      }),
    tags: async ({ aws }, RoleName) => byKey((await aws.iam.listRoleTags({ RoleName, MaxItems: 100 })).Tags),
    remove: async ({ aws }, RoleName) => {
      const { PolicyNames = [] } = await aws.iam.listRolePolicies({ RoleName });
      for (const PolicyName of PolicyNames) await aws.iam.deleteRolePolicy({ RoleName, PolicyName });
      const { AttachedPolicies = [] } = await aws.iam.listAttachedRolePolicies({ RoleName });
      for (const { PolicyArn } of AttachedPolicies) await aws.iam.detachRolePolicy({ RoleName, PolicyArn });
      await aws.iam.deleteRole({ RoleName });
    },
  },
  {
    // an alias of a test, with the key that it names
    type: 'AWS::KMS::Alias',
    name: 'key with the alias',
    list: async ({ aws }) =>
      pages(async Marker => {
        const { Aliases = [], NextMarker } = await aws.kms.listAliases({ Marker });
        return [Aliases.map(({ AliasName }) => AliasName!), NextMarker];
      }),
    tags: async (check, AliasName) => {
      const { KeyMetadata } = await check.aws.kms.describeKey({ KeyId: AliasName });
      return keyTags(check, KeyMetadata!.KeyId!);
    },
    remove: async (check, AliasName) => {
      const { KeyMetadata } = await check.aws.kms.describeKey({ KeyId: AliasName });
      await forget(check, KeyMetadata!.KeyId!);
      await check.aws.kms.deleteAlias({ AliasName });
    },
  },
  {
    type: 'AWS::KMS::Key',
    name: 'key',
    // those that wait for their deletion are as good as gone
    list: async ({ aws, file }) => {
      const made = file.state.made.filter(({ type }) => type === 'AWS::KMS::Key').map(({ id }) => id);
      const states = await Promise.all(
        made.map(async KeyId => {
          const known = await aws.kms.describeKey({ KeyId }).catch(() => undefined);
          return { KeyId, state: known?.KeyMetadata?.KeyState };
        }),
      );
      return states
        .filter(({ state }) => state !== undefined && state !== 'PendingDeletion')
        .map(({ KeyId }) => KeyId);
    },
    tags: keyTags,
    remove: forget,
  },
  {
    type: 'AWS::Logs::LogGroup',
    name: 'log group',
    list: async ({ aws }) =>
      pages(async nextToken => {
        const { logGroups = [], nextToken: next } = await aws.logs.describeLogGroups({ nextToken });
        return [logGroups.map(({ logGroupName }) => logGroupName!), next];
      }),
    tags: async ({ aws }, logGroupName) => {
      const { logGroups = [] } = await aws.logs.describeLogGroups({ logGroupNamePrefix: logGroupName });
      const group = logGroups.find(each => each.logGroupName === logGroupName);
      const resourceArn = group!.arn!.replace(/:\*$/, '');
      return (await aws.logs.listTagsForResource({ resourceArn })).tags ?? {};
    },
    remove: async ({ aws }, logGroupName) => void (await aws.logs.deleteLogGroup({ logGroupName })),
  },
];

async function keyTags({ aws }: Check, KeyId: string): Promise<Tags> {
  const { Tags = [] } = await aws.kms.listResourceTags({ KeyId });
  return Object.fromEntries(Tags.map(({ TagKey, TagValue }) => [TagKey!, TagValue]));
}

/** Of the services that write `Key` and `Value`. */
function byKey(tags: readonly { Key?: string; Value?: string }[] = []): Tags {
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key!, Value]));
}

async function forget({ aws }: Check, KeyId: string): Promise<void> {
  const { KeyMetadata } = await aws.kms.describeKey({ KeyId });
  if (KeyMetadata!.KeyState === 'PendingDeletion') return;
  await aws.kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: KEY_DELETION_DAYS });
}

/** With all versions. The policy of an evidence bucket denies that to everybody, so it goes first. */
async function emptyBucket({ aws }: Check, Bucket: string): Promise<void> {
  await aws.s3.deleteBucketPolicy({ Bucket });
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await aws.s3.listObjectVersions({ Bucket });
    const objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key: Key!, VersionId }));
    if (objects.length === 0) return;
    const { Errors = [] } = await aws.s3.deleteObjects({ Bucket, Delete: { Objects: objects, Quiet: true } });
    if (Errors.length > 0) throw new Error(`${Errors[0]!.Key} in ${Bucket}: ${Errors[0]!.Message}`);
  }
}

async function pages(
  page: (token: string | undefined) => Promise<[ids: string[], next: string | undefined]>,
): Promise<string[]> {
  const all: string[] = [];
  let token: string | undefined;
  do {
    const [ids, next] = await page(token);
    all.push(...ids);
    token = next;
  } while (token !== undefined && token !== '');
  return all;
}
