/** What the gateway reads of a resource in a template. */
export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Metadata?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
}

export interface Rewrite {
  readonly resource: Resource;
  /** What of it is not emulated, for the log. Undefined where the gateway does it. */
  readonly lost?: string;
}

/**
 * Types that MiniStack refuses up front. They become inert, so that a whole stack can be deployed: nothing
 * behind them is emulated.
 */
const REFUSED_TYPES = new Set([
  'AWS::CloudFormation::GuardHook',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::CodePipeline::Pipeline',
  'AWS::Config::ConfigRule',
  'AWS::ECR::RegistryPolicy',
  'AWS::ECR::RegistryScanningConfiguration',
  'AWS::ECR::ReplicationConfiguration',
  'AWS::ECR::RepositoryCreationTemplate',
  'AWS::ECR::SigningConfiguration',
  'AWS::Events::Archive',
  'AWS::Events::EventBusPolicy',
  'AWS::Logs::QueryDefinition',
  'AWS::SecurityHub::AutomationRule',
  'AWS::SecurityHub::Hub',
]);

/** Types that MiniStack refuses too, and the gateway knows (`../ecr/registry-settings.ts`). */
const GATEWAY_TYPES = new Set(['AWS::ECR::PullThroughCacheRule', 'AWS::ECR::PullTimeUpdateExclusion']);

/** A resource as MiniStack can take it; undefined if it can take it as it is. */
export function rewriteResource(resource: Resource): Rewrite | undefined {
  if (REFUSED_TYPES.has(resource.Type)) return { resource: inert(resource), lost: resource.Type };
  if (GATEWAY_TYPES.has(resource.Type)) return { resource: inert(resource) };
  switch (resource.Type) {
    case 'AWS::S3::BucketPolicy':
      return rewriteBucketPolicy(resource);
    case 'AWS::IAM::Policy':
      return rewritePolicy(resource);
    case 'AWS::IAM::Role':
      return rewriteRole(resource);
    case 'AWS::KMS::Key':
      return rewriteKey(resource);
    case 'AWS::DynamoDB::GlobalTable':
      return rewriteTable(resource);
    case 'AWS::CloudWatch::Alarm':
      return rewriteAlarm(resource);
    default:
      return undefined;
  }
}

function inert({ Properties: _, ...rest }: Resource): Resource {
  return { ...rest, Type: 'AWS::CloudFormation::WaitConditionHandle' };
}

/** Keys that MiniStack does not fill: to it, a grant that is limited by them grants nothing. */
const UNKNOWN_KEYS = ['events:source', 'events:detail-type', 'kms:keyspec', 'kms:keyusage'];

function rewritePolicy(resource: Resource): Rewrite | undefined {
  const document = resource.Properties?.PolicyDocument as PolicyDocument | undefined;
  const limited = limitedStatements(document);
  if (limited.length === 0) return undefined;
  return {
    resource: {
      ...resource,
      Properties: { ...resource.Properties, PolicyDocument: withoutConditions(document, limited) },
    },
    lost: `the conditions on ${ofThese(limited).join(' and ')} of ${limited.length} statement(s) of an AWS::IAM::Policy`,
  };
}

function rewriteRole(resource: Resource): Rewrite | undefined {
  const policies = (resource.Properties?.Policies ?? []) as { readonly PolicyDocument?: PolicyDocument }[];
  const limited = policies.flatMap(({ PolicyDocument: document }) => limitedStatements(document));
  if (limited.length === 0) return undefined;
  const Policies = policies.map(policy => ({
    ...policy,
    PolicyDocument: withoutConditions(policy.PolicyDocument, limited),
  }));
  return {
    resource: { ...resource, Properties: { ...resource.Properties, Policies } },
    lost: `the conditions on ${ofThese(limited).join(' and ')} of ${limited.length} statement(s) of an AWS::IAM::Role`,
  };
}

interface PolicyDocument {
  readonly Statement?: readonly Statement[];
}

function limitedStatements({ Statement: statements = [] }: PolicyDocument = {}): Statement[] {
  return statements.filter(({ Condition }) => mentions(Condition, UNKNOWN_KEYS));
}

function withoutConditions(document: PolicyDocument = {}, limited: readonly Statement[]): PolicyDocument {
  const rewritten = document.Statement?.map(statement => {
    if (!limited.includes(statement)) return statement;
    const { Condition: _, ...rest } = statement;
    return rest;
  });
  return { ...document, Statement: rewritten };
}

interface AlarmMetric {
  readonly MetricStat?: {
    readonly Metric: Readonly<Record<string, unknown>>;
    readonly Period: unknown;
    readonly Stat: string;
  };
}

/** MiniStack refuses expressions. The alarm watches the first metric of its expression alone. */
function rewriteAlarm(resource: Resource): Rewrite | undefined {
  const { Metrics, ...rest } = resource.Properties ?? {};
  if (Metrics === undefined) return undefined;
  const first = (Metrics as readonly AlarmMetric[]).find(({ MetricStat }) => MetricStat !== undefined);
  const { Metric, Period, Stat } = first?.MetricStat ?? {
    Metric: { Namespace: 'local-cloud', MetricName: 'expression' }, // an expression that searches for metrics
    Period: 60,
    Stat: 'Sum',
  };
  const isBasic = ['Average', 'Maximum', 'Minimum', 'SampleCount', 'Sum'].includes(Stat);
  return {
    resource: {
      ...resource,
      Properties: { ...rest, ...Metric, Period, [isBasic ? 'Statistic' : 'ExtendedStatistic']: Stat },
    },
    lost: `the expression of an AWS::CloudWatch::Alarm: it watches ${String(Metric.MetricName)} alone`,
  };
}

function ofThese(limited: readonly Statement[]): string[] {
  return UNKNOWN_KEYS.filter(key => limited.some(({ Condition }) => mentions(Condition, [key])));
}

/** Keys of Sign that MiniStack does not fill: to it, a grant that is limited by them grants nothing. */
const UNKNOWN_KMS_KEYS = ['kms:signingalgorithm', 'kms:messagetype'];

function rewriteKey(resource: Resource): Rewrite | undefined {
  const policy = resource.Properties?.KeyPolicy as { Statement?: Statement[] } | undefined;
  const statements = policy?.Statement ?? [];
  const limited = statements.filter(({ Condition }) => mentions(Condition, UNKNOWN_KMS_KEYS));
  if (limited.length === 0) return undefined;
  const rewritten = statements.map(statement => {
    return limited.includes(statement)
      ? { ...statement, Condition: withoutKeys(statement.Condition!, UNKNOWN_KMS_KEYS) }
      : statement;
  });
  return {
    resource: {
      ...resource,
      Properties: { ...resource.Properties, KeyPolicy: { ...policy, Statement: rewritten } },
    },
    lost: `the conditions on kms:SigningAlgorithm and kms:MessageType of ${limited.length} statement(s) of an AWS::KMS::Key`,
  };
}

function withoutKeys(
  condition: NonNullable<Statement['Condition']>,
  keys: readonly string[],
): Statement['Condition'] {
  const isKept = ([key]: [string, unknown]) => !keys.includes(key.toLowerCase());
  const kept = Object.entries(condition).map(
    ([operator, each]) => [operator, Object.fromEntries(Object.entries(each).filter(isKept))] as const,
  );
  const operators = kept.filter(([, each]) => Object.keys(each).length > 0);
  return operators.length === 0 ? undefined : Object.fromEntries(operators);
}

interface Statement {
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

function mentions(condition: Statement['Condition'], keys: readonly string[]): boolean {
  return Object.values(condition ?? {}).some(each =>
    Object.keys(each).some(key => keys.includes(key.toLowerCase())),
  );
}

/**
 * MiniStack does not know the key `s3:if-none-match`: to it, a statement that denies writes without the
 * header denies every write.
 */
function rewriteBucketPolicy(resource: Resource): Rewrite | undefined {
  const document = resource.Properties?.PolicyDocument as { Statement?: unknown[] } | undefined;
  const statements = Array.isArray(document?.Statement) ? document.Statement : [];
  const kept = statements.filter(statement => !asksIfNoneMatch(statement));
  if (kept.length === statements.length) return undefined;
  return {
    resource: {
      ...resource,
      Properties: { ...resource.Properties, PolicyDocument: { ...document, Statement: kept } },
    },
    lost: `${statements.length - kept.length} statement(s) of an AWS::S3::BucketPolicy on s3:if-none-match`,
  };
}

function asksIfNoneMatch(statement: unknown): boolean {
  return mentions((statement as Statement).Condition, ['s3:if-none-match']);
}

interface Replica {
  readonly DeletionProtectionEnabled?: boolean;
  readonly ResourcePolicy?: unknown;
}

/**
 * AWS cannot delete a protected table when its creation is rolled back: the table stays. MiniStack would
 * delete it.
 *
 * Policies of tables are judged by the gateway (`../accounts/table-policy.ts`). MiniStack forgets them, and
 * replaces a table whose policy changes, with all its rows.
 */
function rewriteTable(resource: Resource): Rewrite | undefined {
  const replicas = (resource.Properties?.Replicas ?? []) as readonly Replica[];
  const isKept =
    replicas.some(({ DeletionProtectionEnabled }) => DeletionProtectionEnabled === true) &&
    resource.DeletionPolicy === 'RetainExceptOnCreate';
  if (!isKept && replicas.every(({ ResourcePolicy }) => ResourcePolicy === undefined)) return undefined;
  return {
    resource: {
      ...resource,
      Properties: {
        ...resource.Properties,
        Replicas: replicas.map(({ ResourcePolicy: _, ...replica }) => replica),
      },
      ...(isKept && { DeletionPolicy: 'Retain' }),
    },
    ...(isKept && {
      lost: 'the failed rollback of an AWS::DynamoDB::GlobalTable with deletion protection: it is kept without a failure',
    }),
  };
}
