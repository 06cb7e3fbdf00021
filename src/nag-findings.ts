import { AspectPriority, Aspects, CfnResource, Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { ImageAlerts } from './alerts/image-alerts';
import { SecurityHubFindings } from './alerts/security-hub-findings';
import { BreakGlass } from './break-glass/break-glass';
import { TrustEvents } from './events/trust-events';
import { EvidenceBucket } from './evidence/evidence-bucket';
import { FindingsTable } from './findings/findings-table';
import { CloudFormationGate } from './gates/cloudformation-gate';
import { EcsDeploymentGate } from './gates/ecs-deployment-gate';
import { PipelineGate } from './gates/pipeline-gate';
import { TrustGate } from './gates/trust-gate';
import { ImageTrust } from './image-trust';
import { ImagesDashboard } from './images-dashboard';
import { PolicyEvaluator } from './policy/policy-evaluator';
import { WaiverStore } from './policy/waiver-store';
import { TrustedRepository } from './repository/trusted-repository';
import { ImageArchive } from './revocation/image-archive';
import { SignatureWithdrawal } from './revocation/signature-withdrawal';
import { RevocationWatcher } from './running/revocation-watcher';
import { RunWatcher } from './running/run-watcher';
import { ImageScanner } from './scanning/image-scanner';
import { PullThroughCache } from './scanning/pull-through-cache';
import { ImageTrustForwarder } from './sharing/image-trust-forwarder';
import { ImageSigner } from './trust/image-signer';
import { PolicyStore } from './trust/policy-store';
import { SigningKey } from './trust/signing-key';
import { TrustRegister } from './trust/trust-register';

/** Whatever lies below one of them is of this library. */
const OURS = [
  BreakGlass,
  CloudFormationGate,
  EcsDeploymentGate,
  EvidenceBucket,
  FindingsTable,
  ImageAlerts,
  ImageArchive,
  ImagesDashboard,
  ImageScanner,
  ImageSigner,
  ImageTrust,
  ImageTrustForwarder,
  PipelineGate,
  PolicyEvaluator,
  PolicyStore,
  PullThroughCache,
  RevocationWatcher,
  RunWatcher,
  SecurityHubFindings,
  SignatureWithdrawal,
  SigningKey,
  TrustEvents,
  TrustedRepository,
  TrustGate,
  TrustRegister,
  WaiverStore,
];

interface Accepted {
  /** The resources of CloudFormation that the rule looks at. */
  readonly type: string;
  /** Where they lie, if not everywhere. */
  readonly in?: RegExp;
  readonly rule: string;
  readonly reason: string;
}

const ACCEPTED: readonly Accepted[] = [
  {
    type: 'AWS::Lambda::Function',
    rule: 'AwsSolutions-L1',
    reason: 'The runtime is the one that the bundles are tested on',
  },
  {
    type: 'AWS::S3::Bucket',
    rule: 'AwsSolutions-S1',
    reason:
      'Who read the evidence is in CloudTrail data events, where an organisation has them; access logs would be a second bucket for everybody',
  },
  {
    type: 'AWS::CodeBuild::Project',
    rule: 'AwsSolutions-CB5',
    reason: "Trivy's own image, by digest: an image of AWS has no Trivy, and would have to download it",
  },
  {
    type: 'AWS::SQS::Queue',
    in: /\/(?:KeyChanges|DeadLetters)\//,
    rule: 'AwsSolutions-SQS3',
    reason: 'What waits there waits for people: what happened to the key, or what nobody could handle',
  },
];

interface Wildcard {
  /** The resource with a `*`, as cdk-nag writes it. */
  readonly of: RegExp;
  /** What may be allowed on it. */
  readonly actions: RegExp;
  /** Where they lie, if not everywhere. */
  readonly in?: RegExp;
  /** Also in a policy of a role that the library was given. */
  readonly isGranted?: true;
  readonly reason: string;
}

/** Resources with a `*` in a policy. Each action that is allowed on one needs a reason. */
const WILDCARDS: readonly Wildcard[] = [
  {
    of: /^\*$/,
    actions: /^ecr:GetAuthorizationToken$/,
    in: /\/Project\/Role\//,
    reason: 'ecr:GetAuthorizationToken takes no resource. No other role has it',
  },
  {
    of: /^\*$|:network-interface\/\*$/,
    actions:
      /^ec2:(?:(?:Unassign|Assign)PrivateIpAddresses|(?:Create|Delete)NetworkInterface|CreateNetworkInterfacePermission|Describe\w+)$/,
    reason:
      'AWS Lambda and CodeBuild make the network interfaces of a VPC, and nobody knows their names before. Code of a function is denied the same',
  },
  {
    of: /^\*$/,
    actions:
      /^(?:ecs:(?:Describe(?:Services|TaskDefinition|Tasks)|List(?:Clusters|Services|TaskDefinitions|Tasks))|lambda:(?:GetFunction|ListFunctions)|batch:DescribeJobDefinitions)$/,
    reason:
      'It asks what runs, of anybody in the account, and reads only. Most of these actions take no resource, and the others would need each team to name its own',
  },
  {
    of: /:(?:ecs:.*:service(?:-revision)?|cloudformation:.*:stack|lambda:.*:function[:])\/?\*$/,
    actions:
      /^(?:ecs:DescribeServiceRevisions|ecs:ListTagsForResource|cloudformation:DescribeStacks|lambda:GetFunction)$/,
    reason:
      'A gate or a watcher is asked about services, stacks and functions of anybody in the account and region, and reads them only',
  },
  {
    of: /:cloudformation:.*:stack\/[\w-]+\/\*$/,
    actions: /^cloudformation:(?:DescribeStacks|GetTemplate|ListStackResources)$/,
    isGranted: true,
    reason: 'One stack, to read. The end of its ARN is made by CloudFormation, and nobody knows it before',
  },
  {
    of: /:ecr:.*:repository\/\*$/,
    actions: /^ecr:(?:DescribeRepositories|ListTagsForResource)$/,
    in: /\/Reconciler\/Role\//,
    reason: 'Reconcile asks which repositories there are, and which tags they have',
  },
  {
    of: /:ecr:[^:]*:\*:repository\/\*$/,
    actions: /^ecr:DescribeImages$/,
    reason: 'A watcher reads the digest of what runs, from whichever registry it came',
  },
  {
    of: /:cloudformation:.*:stack\/\*$/,
    in: /\/Request\/Role\//,
    actions: /^cloudformation:DescribeStack(?:Resource|s)$/,
    reason: 'Any stack of the account may ask the gate, which asks CloudFormation what is true of it',
  },
  {
    of: /:ecr:.*:repository\/.*\*$/,
    actions: /^ecr:/,
    reason: 'Repositories are enrolled by prefix: one statement, however many there are',
  },
  {
    of: /^<[^>]+\.Arn>\/(?:incoming|scans|verdicts|policies|policies\/waivers|policies\/brake)\/(?:0000000001)?\*$/,
    actions: /^s3:(?:Get|Put)Object$/,
    reason: 'One prefix of the bucket',
  },
  {
    of: /:s3:::.+\/.+\/\*$/,
    actions: /^s3:GetObject$/,
    in: /\/Policy\/Role\//,
    reason: "The prefix of a bucket in which the policy's author has Rego files, to read",
  },
  {
    of: /^<[^>]+\.Arn>\/index\/\*$/,
    actions: /^dynamodb:(?:GetItem|Query)$/,
    reason: 'The indexes of one table, to read',
  },
  {
    of: /^<[^>]+\.Arn>:\*$/,
    actions: /^lambda:InvokeFunction$/,
    reason: 'The versions of one function',
  },
];

/**
 * What cdk-nag (`AwsSolutionsChecks`, version 3) finds in the constructs of this library, and why it is
 * accepted.
 */
export class NagFindings {
  /**
   * Acknowledges these findings below a scope, each on its resource and with its reason. What cdk-nag finds
   * in other constructs is still reported, and so is a policy of this library that nobody gave a reason for.
   *
   * @param scope an app, a stage, a stack or a construct; everything below it
   */
  public static acknowledge(scope: IConstruct): void {
    // when all policies have their statements
    Aspects.of(scope).add(
      { visit: node => CfnResource.isCfnResource(node) && acknowledgeOn(node, isOurs(node)) },
      { priority: AspectPriority.READONLY },
    );
  }

  private constructor() {}
}

function isOurs(node: IConstruct): boolean {
  return node.node.scopes.some(scope => OURS.some(each => scope instanceof each));
}

function acknowledgeOn(resource: CfnResource, ours: boolean): void {
  const isAt = (where?: RegExp) => where === undefined || where.test(resource.node.path);
  // what Validations.acknowledge() writes, which refuses an id with the name of a pseudo parameter in it
  const acknowledge = (id: string, reason: string) =>
    resource.node.addMetadata(Validations.ACKNOWLEDGED_RULES_METADATA_KEY, { [id]: reason });
  for (const { type, in: where, rule, reason } of ours ? ACCEPTED : []) {
    if (type === resource.cfnResourceType && isAt(where)) acknowledge(rule, reason);
  }
  const known = WILDCARDS.filter(({ in: where, isGranted }) => (ours || isGranted) && isAt(where));
  for (const [wildcard, actions] of wildcardsOf(resource)) {
    const reasons = actions.map(
      action => known.find(({ of, actions: allowed }) => of.test(wildcard) && allowed.test(action))?.reason,
    );
    if (reasons.includes(undefined)) continue;
    acknowledge(`AwsSolutions-IAM5[Resource::${wildcard}]`, [...new Set(reasons)].join('. '));
  }
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

/** The resources with a `*` that a policy or a role allows something on, and what. */
function wildcardsOf(resource: CfnResource): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { Effect, Action, Resource } of statementsOf(resource)) {
    if (Effect !== 'Allow') continue;
    for (const named of [Resource].flat().map(flat)) {
      if (named.includes('*')) found.set(named, [...(found.get(named) ?? []), ...[Action].flat()]);
    }
  }
  return found;
}

function statementsOf(resource: CfnResource): readonly Statement[] {
  const { policyDocument, policies } = resource as CfnResource & {
    readonly policyDocument: unknown;
    readonly policies: unknown;
  };
  const resolved = (value: unknown): unknown => Stack.of(resource).resolve(value);
  const documents = {
    'AWS::IAM::Policy': () => [resolved(policyDocument)],
    'AWS::IAM::Role': () =>
      ((resolved(policies) ?? []) as { readonly policyDocument: unknown }[]).map(each => each.policyDocument),
  }[resource.cfnResourceType];
  return ((documents?.() ?? []) as { readonly Statement: readonly Statement[] }[]).flatMap(
    each => each.Statement,
  );
}

/** As cdk-nag writes it: `<LogicalId.Arn>/path/*`. */
function flat(value: unknown): string {
  if (typeof value === 'string') return value;
  const {
    Ref,
    'Fn::GetAtt': attribute,
    'Fn::Join': join,
  } = value as {
    readonly Ref?: string;
    readonly 'Fn::GetAtt'?: readonly string[];
    readonly 'Fn::Join'?: readonly [string, readonly unknown[]];
  };
  if (Ref !== undefined) return `<${Ref}>`;
  if (attribute !== undefined) return `<${attribute.join('.')}>`;
  return join === undefined ? JSON.stringify(value) : join[1].map(flat).join(join[0]);
}
