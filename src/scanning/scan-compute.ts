import { ComputeType } from 'aws-cdk-lib/aws-codebuild';

/**
 * The compute that scans run on.
 *
 * @see https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-compute-types.html
 */
export class ScanCompute {
  /** EC2, 2 vCPU, 4 GB. */
  public static readonly SMALL = new ScanCompute('LINUX_CONTAINER', ComputeType.SMALL);
  /** EC2, 4 vCPU, 8 GB. */
  public static readonly MEDIUM = new ScanCompute('LINUX_CONTAINER', ComputeType.MEDIUM);
  /** EC2, 8 vCPU, 16 GB. */
  public static readonly LARGE = new ScanCompute('LINUX_CONTAINER', ComputeType.LARGE);
  /**
   * Lambda, 4 GB. Starts faster; at most 15 minutes; no VPC. Needs a scanner image in Amazon ECR, by the
   * digest of its image for linux/amd64: Lambda does not take an index.
   */
  public static readonly LAMBDA_4GB = new ScanCompute('LINUX_LAMBDA_CONTAINER', ComputeType.LAMBDA_4GB);
  /**
   * Lambda, 10 GB. Starts faster; at most 15 minutes; no VPC. Needs a scanner image in Amazon ECR, by the
   * digest of its image for linux/amd64: Lambda does not take an index.
   */
  public static readonly LAMBDA_10GB = new ScanCompute('LINUX_LAMBDA_CONTAINER', ComputeType.LAMBDA_10GB);

  private constructor(
    private readonly environmentType: string,
    private readonly computeType: ComputeType,
  ) {}

  /** @internal */
  public get _environmentType(): string {
    return this.environmentType;
  }

  /** @internal */
  public get _computeType(): ComputeType {
    return this.computeType;
  }

  /** @internal */
  public get _isLambda(): boolean {
    return this.environmentType === 'LINUX_LAMBDA_CONTAINER';
  }
}
