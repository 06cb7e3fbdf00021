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

  /**
   * EC2 on Arm, 2 vCPU, 4 GB. A minute costs about a third less than with SMALL. It scans images of every
   * platform: nothing of an image is run. Needs a scanner image for linux/arm64: an index that has one, as
   * `ScannerImage.trivy()`.
   */
  public static readonly ARM_SMALL = new ScanCompute('ARM_CONTAINER', ComputeType.SMALL);
  /** EC2 on Arm, 4 vCPU, 8 GB. */
  public static readonly ARM_MEDIUM = new ScanCompute('ARM_CONTAINER', ComputeType.MEDIUM);
  /** EC2 on Arm, 8 vCPU, 16 GB. */
  public static readonly ARM_LARGE = new ScanCompute('ARM_CONTAINER', ComputeType.LARGE);
  /**
   * Lambda on Arm, 4 GB. As LAMBDA_4GB, but the scanner image is named by the digest of its image for
   * linux/arm64.
   */
  public static readonly ARM_LAMBDA_4GB = new ScanCompute('ARM_LAMBDA_CONTAINER', ComputeType.LAMBDA_4GB);
  /**
   * Lambda on Arm, 10 GB. As LAMBDA_10GB, but the scanner image is named by the digest of its image for
   * linux/arm64.
   */
  public static readonly ARM_LAMBDA_10GB = new ScanCompute('ARM_LAMBDA_CONTAINER', ComputeType.LAMBDA_10GB);

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
    return this.environmentType.endsWith('_LAMBDA_CONTAINER');
  }

  /** As `uname -m` names it. @internal */
  public get _machine(): 'aarch64' | 'x86_64' {
    return this.environmentType.startsWith('ARM_') ? 'aarch64' : 'x86_64';
  }

  /** As a registry names it. @internal */
  public get _platform(): string {
    return this._machine === 'aarch64' ? 'linux/arm64' : 'linux/amd64';
  }
}
