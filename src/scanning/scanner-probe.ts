import { Aws, CustomResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Repository, TagMutability } from 'aws-cdk-lib/aws-ecr';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { cachedTags, type CachedRepository } from './cached-repository';
import { ProbeScannerFunction } from './probe-scanner-function';
import type { ScanProject } from './scan-project';
import { EnvironmentName } from '../core/environment';
import type { Enrolment } from '../core/image/enrolment';
import { Seconds } from '../core/times';
import type { EvidenceBucket } from '../evidence/evidence-bucket';
import { handlerOptions } from '../queues/handler';
import type { NetworkOptions } from '../queues/network';
import { RepositorySelector } from '../repository/repository-selector';
import type { TrustRegister } from '../trust/trust-register';

export interface ScannerProbeProps {
  readonly scan: ScanProject;
  readonly evidence: EvidenceBucket;
  readonly register: TrustRegister;
  /** The limits that dispatch has too: environment variables. */
  readonly slots: Record<string, string>;
  /** What a build needs of pull-through caches, which are empty at first. */
  readonly cached: CachedRepository[];
  readonly network?: NetworkOptions;
}

/** A build in another network is to be probed too. */
function networkOf({ vpc, vpcSubnets, securityGroups }: Partial<NetworkOptions> = {}): Record<
  string,
  unknown
> {
  if (vpc === undefined) return {};
  return {
    Subnets: vpc.selectSubnets(vpcSubnets).subnetIds,
    SecurityGroups: securityGroups?.map(({ securityGroupId }) => securityGroupId),
  };
}

/** To push one image. */
const PUSH = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:InitiateLayerUpload',
  'ecr:UploadLayerPart',
  'ecr:CompleteLayerUpload',
  'ecr:PutImage',
];

/**
 * A deployment that changes how scans run scans an image made for it, in a repository of its own, and fails
 * if the scan does not work.
 *
 * @internal
 */
export class ScannerProbe extends Construct {
  /** Keeps the repository out of the enrolled ones. */
  public readonly exception: Enrolment;

  constructor(scope: Construct, id: string, props: ScannerProbeProps) {
    super(scope, id);
    const { scan, evidence, register, slots, cached, network } = props;
    const repository = new Repository(this, 'Repository', {
      imageTagMutability: TagMutability.IMMUTABLE,
      emptyOnDelete: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.exception = [{ by: 'except', name: repository.repositoryName }];
    const selector = RepositorySelector.name(repository.repositoryName);
    selector._grant(this, scan.role, ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer']);

    const options = handlerOptions(this, network);
    const probe = new ProbeScannerFunction(this, 'Resource', {
      ...options,
      description: 'Proves at a deployment that scans work in this account',
      memorySize: 512,
      timeout: Duration.seconds(Seconds.probeScanner),
      environment: {
        [EnvironmentName.register]: register.table.tableName,
        ...slots,
        [EnvironmentName.uploads]: evidence.uploads.bucketName,
        [EnvironmentName.probeRepository]: repository.repositoryName,
        [EnvironmentName.expectedBuild]: Stack.of(this).toJsonString(scan.expectedBuild),
        [EnvironmentName.urlSuffix]: Aws.URL_SUFFIX,
        ...cachedTags(cached),
      },
    });
    selector._grant(this, probe, PUSH);
    register._grantSlots(options.role);
    evidence._grantReadProbes(probe);
    for (const each of cached) each.grantRefresh(this, probe);
    Grant.addToPrincipal({
      grantee: probe,
      actions: ['codebuild:StartBuild', 'codebuild:BatchGetBuilds'],
      resourceArns: [scan.project.projectArn],
    });
    Grant.addToPrincipal({
      grantee: probe,
      actions: ['cloudformation:DescribeStacks'],
      resourceArns: [Aws.STACK_ID],
    });
    // it answers at the latest when the function ends: CloudFormation would wait for an hour
    const asked = new CustomResource(this, 'Scan', {
      resourceType: 'Custom::ScannerProbe',
      serviceToken: probe.functionArn,
      serviceTimeout: Duration.seconds(Seconds.probeScanner),
      properties: { Revision: scan.expectedBuild.revision, ...networkOf(network) },
    });
    // the build needs its project and role with all rights, and the policy of the bucket
    asked.node.addDependency(
      scan,
      probe,
      options.role,
      evidence,
      register,
      ...cached.flatMap(({ rules }) => rules),
    );
  }
}
