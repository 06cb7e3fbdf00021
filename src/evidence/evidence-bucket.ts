import { Duration, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AnyPrincipal,
  Effect,
  Grant,
  PolicyStatement,
  type IGrantable,
  type IRole,
} from 'aws-cdk-lib/aws-iam';
import { Key, type IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { principalArns } from '../access/principal-arns';
import { EvidencePrefix, WAIVERS_PREFIX } from '../core/evidence/evidence-keys';
import { Seconds } from '../core/times';

/** What nobody may write twice or delete; what builds left in `incoming/` is gone after a day. */
const DURABLE = [EvidencePrefix.scans, EvidencePrefix.verdicts, EvidencePrefix.policies];

/**
 * Properties of an evidence bucket.
 */
export interface EvidenceBucketProps {
  /**
   * Key that everything in it is encrypted with.
   *
   * @default - a key of its own, with yearly rotation
   */
  readonly encryptionKey?: IKey;

  /**
   * What becomes of the bucket when it is removed from the stack. DESTROY empties it first, which is for
   * trying things out.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * The durable record: reports, SBOMs, verdicts, policies. Append-only: nothing is written twice, nothing is
 * deleted.
 *
 * Builds write to `incoming/` and nobody else does; the evaluator writes `scans/` and `verdicts/` and nobody
 * else does; the publisher writes `policies/`. The bucket's own policy says so, so a role with `s3:*` cannot
 * either.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
 */
export class EvidenceBucket extends Construct {
  /** The bucket. */
  public readonly bucket: IBucket;

  /** The key that it is encrypted with. */
  public readonly encryptionKey: IKey;

  private readonly writers: Record<keyof typeof EvidencePrefix, IRole[]> = {
    incoming: [],
    scans: [],
    verdicts: [],
    policies: [],
  };

  constructor(scope: Construct, id: string, props: EvidenceBucketProps = {}) {
    super(scope, id);
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    this.encryptionKey =
      props.encryptionKey ??
      new Key(this, 'Key', {
        description: 'Encrypts scan reports and verdicts',
        enableKeyRotation: true,
        removalPolicy,
      });
    const bucket = new Bucket(this, 'Resource', {
      encryption: BucketEncryption.KMS,
      encryptionKey: this.encryptionKey,
      bucketKeyEnabled: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      versioned: true,
      removalPolicy,
      autoDeleteObjects: removalPolicy === RemovalPolicy.DESTROY,
      lifecycleRules: [
        {
          id: 'incoming',
          prefix: EvidencePrefix.incoming,
          expiration: Duration.seconds(Seconds.incomingKept),
          noncurrentVersionExpiration: Duration.seconds(Seconds.incomingKept),
          abortIncompleteMultipartUploadAfter: Duration.seconds(Seconds.incomingKept),
        },
      ],
    });
    for (const prefix of Object.keys(EvidencePrefix) as (keyof typeof EvidencePrefix)[]) {
      bucket.addToResourcePolicy(this.denyOthers(prefix, bucket));
    }
    bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'WriteOnce',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['s3:PutObject'],
        resources: DURABLE.map(prefix => bucket.arnForObjects(`${prefix}*`)),
        conditions: { Null: { 's3:if-none-match': 'true' } },
      }),
    );
    if (removalPolicy !== RemovalPolicy.DESTROY) {
      bucket.addToResourcePolicy(
        new PolicyStatement({
          sid: 'NoDelete',
          effect: Effect.DENY,
          principals: [new AnyPrincipal()],
          actions: ['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:ReplicateDelete'],
          resources: DURABLE.map(prefix => bucket.arnForObjects(`${prefix}*`)),
        }),
      );
    }
    this.bucket = bucket;
  }

  /** Lets a build leave its report. It can neither read nor list, and what it leaves is gone after a day. */
  public grantUpload(scanRole: IRole): Grant {
    this.writers.incoming.push(scanRole);
    this.encryptionKey.grant(scanRole, 'kms:Decrypt', 'kms:GenerateDataKey');
    return this.allow(scanRole, ['s3:PutObject'], [EvidencePrefix.incoming]);
  }

  /** Lets the evaluator read everything, and write scans and verdicts. */
  public grantEvaluate(evaluator: IRole): Grant {
    this.writers.scans.push(evaluator);
    this.writers.verdicts.push(evaluator);
    this.encryptionKey.grant(evaluator, 'kms:Decrypt', 'kms:GenerateDataKey');
    this.list(evaluator);
    return this.allow(evaluator, ['s3:GetObject'], Object.values(EvidencePrefix)).combine(
      this.allow(evaluator, ['s3:PutObject'], [EvidencePrefix.scans, EvidencePrefix.verdicts]),
    );
  }

  /** Lets a role publish policies, and read those that counted before. */
  public grantPublishPolicy(publisher: IRole): Grant {
    this.writers.policies.push(publisher);
    this.encryptionKey.grant(publisher, 'kms:Decrypt', 'kms:GenerateDataKey');
    this.list(publisher);
    return this.allow(publisher, ['s3:GetObject', 's3:PutObject'], [EvidencePrefix.policies]);
  }

  /** Lets a role put active waivers, and read which they are. @internal */
  public _grantPublishWaivers(publisher: IRole): Grant {
    this.writers.policies.push(publisher);
    this.encryptionKey.grant(publisher, 'kms:Decrypt', 'kms:GenerateDataKey');
    this.list(publisher);
    return this.allow(publisher, ['s3:GetObject', 's3:PutObject'], [WAIVERS_PREFIX]);
  }

  /**
   * Lets somebody read scans, verdicts and policies, but not what builds left in `incoming/`: that is not
   * scrubbed yet.
   */
  public grantRead(reader: IGrantable): Grant {
    this.encryptionKey.grantDecrypt(reader);
    this.list(reader);
    return this.allow(
      reader,
      ['s3:GetObject'],
      [EvidencePrefix.scans, EvidencePrefix.verdicts, EvidencePrefix.policies],
    );
  }

  /** Lets the signer read what it vouches for, and what it attests. @internal */
  public _grantReadVerdicts(reader: IGrantable, andScans: boolean): Grant {
    this.encryptionKey.grantDecrypt(reader);
    this.list(reader);
    return this.allow(
      reader,
      ['s3:GetObject'],
      [EvidencePrefix.verdicts, ...(andScans ? [EvidencePrefix.scans] : [])],
    );
  }

  /**
   * Without s3:ListBucket, S3 answers 403 for an object that is not there, and nobody could tell "no report"
   * from "no right".
   */
  private list(grantee: IGrantable): void {
    Grant.addToPrincipal({ grantee, actions: ['s3:ListBucket'], resourceArns: [this.bucket.bucketArn] });
  }

  private allow(grantee: IGrantable, actions: string[], prefixes: string[]): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions,
      resourceArns: prefixes.map(prefix => this.bucket.arnForObjects(`${prefix}*`)),
    });
  }

  private denyOthers(prefix: keyof typeof EvidencePrefix, bucket: Bucket): PolicyStatement {
    return new PolicyStatement({
      sid: `Only${prefix[0]!.toUpperCase()}${prefix.slice(1)}Writers`,
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ['s3:PutObject', 's3:ReplicateObject'], // a replication rule of another bucket writes without PutObject
      resources: [bucket.arnForObjects(`${EvidencePrefix[prefix]}*`)],
      conditions: {
        ArnNotLike: {
          'aws:PrincipalArn': Lazy.list({
            produce: () => principalArns(Stack.of(this), this.writers[prefix]),
          }),
        },
      },
    });
  }
}
