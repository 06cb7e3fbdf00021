import { AspectPriority, Aspects, CfnResource, Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { ImageAlerts } from './alerts/image-alerts';
import { TrustEvents } from './events/trust-events';
import { EvidenceBucket } from './evidence/evidence-bucket';
import { FindingsTable } from './findings/findings-table';
import { TrustedImageProvider } from './gates/trusted-image-provider';
import { ImageTrust } from './image-trust';
import { PolicyEvaluator } from './policy/policy-evaluator';
import { WaiverStore } from './policy/waiver-store';
import { TrustedRepository } from './repository/trusted-repository';
import { ImageScanner } from './scanning/image-scanner';
import { ImageSigner } from './trust/image-signer';
import { PolicyStore } from './trust/policy-store';
import { SigningKey } from './trust/signing-key';
import { TrustRegister } from './trust/trust-register';

/** Whatever lies below one of them is of this library. */
const OURS = [
  EvidenceBucket,
  FindingsTable,
  ImageAlerts,
  ImageScanner,
  ImageSigner,
  ImageTrust,
  PolicyEvaluator,
  PolicyStore,
  SigningKey,
  TrustEvents,
  TrustedImageProvider,
  TrustedRepository,
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
    in: /\/KeyChanges\//,
    rule: 'AwsSolutions-SQS3',
    reason: 'What happened to the signing key waits for people, and no function takes it from the queue',
  },
];

/** Resources with a `*` in a policy, as cdk-nag writes them, and where they may be. */
const WILDCARDS: readonly { readonly of: RegExp; readonly in?: RegExp; readonly reason: string }[] = [
  {
    of: /^\*$/,
    in: /\/Project\/Role\//,
    reason: 'ecr:GetAuthorizationToken takes no resource. No other role has it',
  },
  {
    of: /:ecr:.*:repository\/\*$/,
    in: /\/Reconciler\/Role\//,
    reason: 'Reconcile asks which repositories there are, and which tags they have',
  },
  {
    of: /:ecr:.*:repository\/.*\*$/,
    reason: 'Repositories are enrolled by prefix: one statement, however many there are',
  },
  {
    of: /^<[^>]+\.Arn>\/(?:incoming|scans|verdicts|policies|policies\/waivers)\/(?:0000000001)?\*$/,
    reason: 'One prefix of the bucket',
  },
  { of: /^<[^>]+\.Arn>\/index\/\*$/, reason: 'The indexes of one table, to read' },
  {
    of: /^<[^>]+\.Arn>:\*$/,
    reason: "The versions of one function: CDK's framework for custom resources",
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
      { visit: node => CfnResource.isCfnResource(node) && isOurs(node) && acknowledgeOn(node) },
      { priority: AspectPriority.READONLY },
    );
  }

  private constructor() {}
}

function isOurs(node: IConstruct): boolean {
  return node.node.scopes.some(scope => OURS.some(each => scope instanceof each));
}

function acknowledgeOn(resource: CfnResource): void {
  const isAt = (where?: RegExp) => where === undefined || where.test(resource.node.path);
  // what Validations.acknowledge() writes, which refuses an id with the name of a pseudo parameter in it
  const acknowledge = (id: string, reason: string) =>
    resource.node.addMetadata(Validations.ACKNOWLEDGED_RULES_METADATA_KEY, { [id]: reason });
  for (const { type, in: where, rule, reason } of ACCEPTED) {
    if (type === resource.cfnResourceType && isAt(where)) acknowledge(rule, reason);
  }
  for (const wildcard of wildcardsOf(resource)) {
    const known = WILDCARDS.find(({ of, in: where }) => of.test(wildcard) && isAt(where));
    if (known !== undefined) acknowledge(`AwsSolutions-IAM5[Resource::${wildcard}]`, known.reason);
  }
}

/** The resources with a `*` that a policy allows something on. */
function wildcardsOf(resource: CfnResource): string[] {
  if (resource.cfnResourceType !== 'AWS::IAM::Policy') return [];
  const { policyDocument } = resource as CfnResource & { readonly policyDocument: unknown };
  const { Statement } = Stack.of(resource).resolve(policyDocument) as {
    readonly Statement: readonly { readonly Effect: string; readonly Resource: unknown }[];
  };
  const named = Statement.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Resource }) => Resource);
  return [...new Set(named.map(flat))].filter(each => each.includes('*'));
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
