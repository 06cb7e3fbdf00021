import { sha256Of } from '../core/text/sha256';
import { readFileSync } from 'fs';
import { join } from 'path';
import { Source, type ISource } from 'aws-cdk-lib/aws-codebuild';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';

const FOLDER = join(__dirname, '../../assets/normal-form/build');
/** Where the program for a machine lies, as `uname -m` names the machine. */
const PROGRAMS = { x86_64: 'amd64/normal-form', aarch64: 'arm64/normal-form' } as const;

/** One program in the archive. */
export interface ReaderProgram {
  readonly path: string;
  readonly sha256: string;
}

/**
 * The program that reads images as a runtime does and writes what Trivy is shown. It is the source of the
 * scan project; the buildspec has its hash, so that whoever can write the bucket of CDK's assets cannot put
 * another one in its place.
 *
 * @internal
 */
export class ImageReader extends Construct {
  /** By machine. */
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

  /** As CodeBuild says it: `<bucket>/<key>`. */
  public get location(): string {
    return `${this.asset.s3BucketName}/${this.asset.s3ObjectKey}`;
  }

  /** This object and no other: in the bucket lie the assets of all apps of the account. */
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
