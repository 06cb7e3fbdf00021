import { readFileSync } from 'fs';
import { join } from 'path';
import { Source, type ISource } from 'aws-cdk-lib/aws-codebuild';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { sha256Of } from '../core/text/sha256';

const FOLDER = join(__dirname, '../../assets/normal-form/build');
/** The path of the program for each machine, as `uname -m` names it. */
const PROGRAMS = { x86_64: 'amd64/normal-form', aarch64: 'arm64/normal-form' } as const;

/** One program in the archive. */
export interface ReaderProgram {
  readonly path: string;
  readonly sha256: string;
}

/**
 * The program that reads an image as a runtime does and writes its normal form for Trivy. It is the source of
 * the scan project. The buildspec contains its hash, so that write access to CDK's asset bucket is not enough
 * to replace it.
 *
 * @internal
 */
export class ImageReader extends Construct {
  /** The programs, by machine. */
  public static programs(): Record<string, ReaderProgram> {
    const hashed = (path: string) => ({
      path,
      sha256: sha256Of(readFileSync(join(FOLDER, path))),
    });
    return Object.fromEntries(Object.entries(PROGRAMS).map(([machine, path]) => [machine, hashed(path)]));
  }

  private readonly asset: Asset;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.asset = new Asset(this, 'Archive', { path: FOLDER });
  }

  public get source(): ISource {
    return Source.s3({ bucket: this.asset.bucket, path: this.asset.s3ObjectKey });
  }

  /** The location as CodeBuild reports it: `<bucket>/<key>`. */
  public get location(): string {
    return `${this.asset.s3BucketName}/${this.asset.s3ObjectKey}`;
  }

  /** Allows this object only: the bucket contains the assets of all apps of the account. */
  public grantRead(reader: IGrantable): void {
    const bucket = this.asset.bucket.bucketArn;
    Grant.addToPrincipal({
      grantee: reader,
      actions: ['s3:GetObject', 's3:GetObjectVersion'],
      resourceArns: [`${bucket}/${this.asset.s3ObjectKey}`],
    });
    Grant.addToPrincipal({
      grantee: reader,
      actions: ['s3:GetBucketAcl', 's3:GetBucketLocation'],
      resourceArns: [bucket],
    });
  }
}
