import { readFileSync } from 'fs';
import { join } from 'path';
import { Source, type ISource } from 'aws-cdk-lib/aws-codebuild';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import type { ScanCompute } from './scan-compute';
import { EMULATED_MACHINE } from '../core/scanning/build-machine';
import { sha256Of } from '../core/text/sha256';

const FOLDER = join(__dirname, '../../assets/normal-form/build');
/** The folder of the program for each machine. */
const FOLDERS: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' };

/** The program in the archive. */
export interface HashedProgram {
  /** The machine that it is for, as `uname -m` names it. */
  readonly machine: string;
  readonly path: string;
  readonly sha256: string;
}

/**
 * The program that does the whole scan, the image reader included. It is the source of the scan project, for
 * the machine of the project only, because each build downloads it. The buildspec contains its hash, so that
 * write access to CDK's asset bucket is not enough to replace it.
 *
 * @internal
 */
export class ScanProgram extends Construct {
  public readonly program: HashedProgram;
  private readonly asset: Asset;

  constructor(scope: Construct, id: string, compute: ScanCompute) {
    super(scope, id);
    const machine = String(this.node.tryGetContext(EMULATED_MACHINE) ?? compute._machine);
    const folder = FOLDERS[machine];
    if (folder === undefined) {
      throw new Error(
        `the context ${EMULATED_MACHINE} is ${JSON.stringify(machine)}, allowed: ${Object.keys(FOLDERS).join(', ')}; leave it out, except for the embedded cloud`,
      );
    }
    const path = `${folder}/normal-form`;
    this.program = { machine, path, sha256: sha256Of(readFileSync(join(FOLDER, path))) };
    const others = Object.values(FOLDERS).filter(each => each !== folder);
    this.asset = new Asset(this, 'Archive', { path: FOLDER, exclude: others });
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
