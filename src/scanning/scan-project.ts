import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { BuildSpec, Project, type BuildEnvironment, type IBuildImage } from 'aws-cdk-lib/aws-codebuild';
import type { Role } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { scanBuildspec } from './buildspec';
import type { ScanCompute } from './scan-compute';
import { ScanProgram } from './scan-program';
import { scanRole } from './scan-role';
import type { ScannerImage } from './scanner-image';
import type { SecretSearch } from './secret-search';
import type { VulnerabilityDatabase } from './vulnerability-database';
import type { ExpectedBuild } from '../core/scanning/provenance';
import { OVERTIME_SECONDS, scanJob } from '../core/scanning/scan-job';
import { sha256Of } from '../core/text/sha256';
import { Seconds } from '../core/times';
import type { EvidenceBucket } from '../evidence/evidence-bucket';
import type { NetworkOptions } from '../queues/network';
import type { RepositorySelector } from '../repository/repository-selector';

/** The steps get this much less time than the build, so that the build can still report a timeout. */
const SPARE_SECONDS = OVERTIME_SECONDS + Seconds.buildAround;

export interface ScanProjectProps {
  readonly repositories: RepositorySelector[];
  readonly evidence: EvidenceBucket;
  readonly scannerImage: ScannerImage;
  readonly compute: ScanCompute;
  readonly timeout: Duration;
  readonly queuedTimeout: Duration;
  /** CodeBuild creates no project with a limit above the quota of the account, which may be 1. */
  readonly concurrentBuilds?: number;
  readonly secretSearch: SecretSearch;
  readonly database: VulnerabilityDatabase;
  readonly mirrors: Record<string, string[]>;
  readonly network?: NetworkOptions;
}

/**
 * The CodeBuild project that reads an image and runs Trivy. Its source is the scan program. It has no cache
 * and is not privileged. Its role may pull, and write to `incoming/`.
 *
 * @internal
 */
export class ScanProject extends Construct {
  public readonly project: Project;
  public readonly role: Role;
  /** The properties that a build must have for its result to be accepted. */
  public readonly expectedBuild: ExpectedBuild;

  constructor(scope: Construct, id: string, props: ScanProjectProps) {
    super(scope, id);
    const { network } = props;
    const logGroup = new LogGroup(this, 'Logs', {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = scanRole(this, { ...props, logGroup });
    this.role = role;
    const image = props.scannerImage._bind(role);
    props.database._bind(role);
    const buildImage: IBuildImage = {
      type: props.compute._environmentType,
      imageId: image.imageId,
      defaultComputeType: props.compute._computeType,
      imagePullPrincipalType: image.pull,
      validate: () => [],
      runScriptBuildspec: () => {
        throw new Error('this build image does not run other scripts');
      },
    };
    const environment: BuildEnvironment = {
      buildImage,
      computeType: props.compute._computeType,
      privileged: false,
    };
    const program = new ScanProgram(this, 'ScanProgram', props.compute);
    program.grantRead(role);
    const buildSpec = BuildSpec.fromObject(
      scanBuildspec(
        program.program,
        scanJob({
          seconds: props.timeout.toSeconds() - SPARE_SECONDS,
          databases: props.database._repositories(),
          mirrors: props.mirrors,
          secretSearch: props.secretSearch._where,
        }),
      ) as { [key: string]: any },
    );
    this.project = new Project(this, 'Resource', {
      description: 'Runs Trivy over one image of Amazon ECR, by digest',
      // CDK would grant more log groups, and more uses of the key, than a build needs
      role: role.withoutPolicyUpdates(),
      environment,
      source: program.source,
      buildSpec,
      encryptionKey: props.evidence.encryptionKey,
      concurrentBuildLimit: props.concurrentBuilds,
      grantReportGroupPermissions: false,
      logging: { cloudWatch: { logGroup } },
      ...(!props.compute._isLambda && { timeout: props.timeout, queuedTimeout: props.queuedTimeout }),
      ...(network !== undefined && {
        vpc: network.vpc,
        subnetSelection: network.vpcSubnets,
        securityGroups: network.securityGroups,
      }),
    });
    this.project.node.addDependency(role);

    const build = {
      project: this.project.projectName,
      serviceRole: role.roleArn,
      image: image.imageId,
      environmentType: props.compute._environmentType,
      computeType: props.compute._computeType,
      privileged: false,
      buildspecSha256: sha256Of(Stack.of(this).resolve(buildSpec.toBuildSpec()) as string),
      sourceLocation: program.location,
      uploadsBucketArn: props.evidence.uploads.bucketArn,
      variables: {},
    };
    this.expectedBuild = {
      ...build,
      revision: sha256Of(JSON.stringify(Stack.of(this).resolve(build))).slice(0, 16),
    };
  }
}
