import type { Template } from './template';

/**
 * What AWS would refuse for a quota. MiniStack takes it. On AWS some are refused with the template, and some
 * with their resource, later.
 */
export function whyQuotaIsExceeded(template: Template): string | undefined {
  const ofPolicies = Object.entries(template.Resources ?? {})
    .filter(([, { Type }]) => Type === 'AWS::SQS::QueuePolicy')
    .flatMap(([id, { Properties }]) => queuePolicy(id, Properties?.PolicyDocument as PolicyDocument));
  return [...dynamicReferences(template), ...ofPolicies].at(0);
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html */
function dynamicReferences(template: Template): string[] {
  const count = JSON.stringify(template).split('{{resolve:').length - 1;
  return count > 60 ? [`the template has ${count} dynamic references, allowed: 60`] : [];
}

interface PolicyDocument {
  readonly Statement: readonly {
    readonly Principal: '*' | Readonly<Record<string, string | readonly unknown[]>>;
    readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  }[];
}

/**
 * Whether the values of a condition count one by one is not documented: here they do.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html
 */
function queuePolicy(id: string, document: PolicyDocument): string[] {
  const { Statement: statements } = document;
  const principals = statements.flatMap(({ Principal }) => Object.values(Principal).flat());
  const conditions = statements.flatMap(({ Condition = {} }) =>
    Object.values(Condition).flatMap(keys => Object.values(keys).flat()),
  );
  const counted: [what: string, count: number, quota: number][] = [
    ['statements', statements.length, 20],
    ['principals', principals.length, 50],
    ['conditions', conditions.length, 10],
    ['bytes', JSON.stringify(document).length, 8192],
  ];
  return counted
    .filter(([, count, quota]) => count > quota)
    .map(([what, count, quota]) => `${id}: the policy of the queue has ${count} ${what}, allowed: ${quota}`);
}
