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
import { existingBucket, refuseOtherKey } from './existing-bucket';
import { principalArns } from '../access/principal-arns';
import { BRAKE_PREFIX, EvidencePrefix, WAIVERS_PREFIX } from '../core/evidence/evidence-keys';
import { PROBE_IDS } from '../core/ids';
import { Seconds } from '../core/times';
import { A_KEY, KEY, REMOVAL_POLICY } from '../properties/kinds';
import { checkProperties, having, optional, type Properties } from '../properties/properties';

/** Nobody may overwrite or delete these. */
const DURABLE = [EvidencePrefix.scans, EvidencePrefix.verdicts, EvidencePrefix.policies];

/**
 * Properties of an evidence bucket.
 */
export interface EvidenceBucketProps {
  /**
   * An existing bucket for the evidence. What builds upload gets a new bucket all the same.
   *
   * A bucket of your app must be versioned, encrypted by a key of AWS KMS and closed to the public, and must
   * not expire evidence: otherwise the synthesis fails. Its policy is extended. For an imported bucket these
   * cannot be checked, and its policy is written as a whole: remove a policy that it has already, or the
   * deployment fails.
   *
   * @default - a new bucket
   */
  readonly bucket?: IBucket;

  /**
   * The key that encrypts all objects. Required for an existing bucket whose key CDK does not know. Throws if
   * it is another key than the one of `bucket`: the roles that write evidence may use only this one.
   *
   * @default - the key of `bucket`; for a new bucket a new key, with yearly rotation
   */
  readonly encryptionKey?: IKey;

  /**
   * What happens to the bucket when it is removed from the stack. DESTROY empties it first, and allows
   * deletion of evidence: use it only for trials.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;
}

const EVIDENCE_BUCKET: Properties<EvidenceBucketProps> = {
  bucket: optional(having<IBucket>('bucketArn'), 'a bucket, for example Bucket.fromBucketName()'),
  encryptionKey: optional(KEY, A_KEY),
  removalPolicy: REMOVAL_POLICY,
};

/**
 * The durable record: reports, SBOMs, verdicts and policies. It is append-only: no object is overwritten or
 * deleted.
 *
 * Only builds write to `incoming/`, only the evaluator writes to `scans/` and `verdicts/`, and only
 * publishers write to `policies/`. The bucket policies enforce this, also against a role with `s3:*`.
 *
 * `incoming/`, the files of builds as Trivy wrote them, is in a second bucket without versions, because S3
 * keeps what expired in a versioned bucket for another one or two days. Its files are deleted after at most
 * two days: a day after the upload, at the next midnight UTC.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
 */
export class EvidenceBucket extends Construct {
  /** The bucket. */
  public readonly bucket: IBucket;

  /** The bucket of `incoming/`, what builds upload. */
  public readonly uploads: IBucket;

  /** The key that encrypts the bucket. */
  public readonly encryptionKey: IKey;

  private readonly writers: Record<keyof typeof EvidencePrefix, IRole[]> = {
    incoming: [],
    scans: [],
    verdicts: [],
    policies: [],
  };

  constructor(scope: Construct, id: string, props: EvidenceBucketProps = {}) {
    super(scope, id);
    checkProperties('EvidenceBucketProps', props, EVIDENCE_BUCKET);
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
    this.encryptionKey =
      keyOf(this, props) ??
      new Key(this, 'Key', {
        description: 'Encrypts scan reports and verdicts',
        enableKeyRotation: true,
        removalPolicy,
      });
    const both = {
      encryption: BucketEncryption.KMS,
      encryptionKey: this.encryptionKey,
      bucketKeyEnabled: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy,
      autoDeleteObjects: removalPolicy === RemovalPolicy.DESTROY,
    };
    const bucket = props.bucket ?? new Bucket(this, 'Resource', { ...both, versioned: true });
    const rules = props.bucket === undefined ? bucket : existingBucket(this, bucket, DURABLE);
    const kept = Duration.seconds(Seconds.incomingKept);
    const uploads = new Bucket(this, 'Uploads', {
      ...both,
      versioned: false,
      lifecycleRules: [{ id: 'all', expiration: kept, abortIncompleteMultipartUploadAfter: kept }],
    });
    for (const prefix of Object.keys(EvidencePrefix) as (keyof typeof EvidencePrefix)[]) {
      const [own, its] = prefix === 'incoming' ? [uploads, uploads] : [bucket, rules];
      its.addToResourcePolicy(this.denyOthers(prefix, own));
    }
    rules.addToResourcePolicy(
      new PolicyStatement({
        sid: 'WriteOnce',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['s3:PutObject'],
        resources: DURABLE.map(prefix => bucket.arnForObjects(`${prefix}*`)),
        conditions: { Null: { 's3:if-none-match': 'true' } },
      }),
    );
    if (removalPolicy !== RemovalPolicy.DESTROY || props.bucket !== undefined) {
      rules.addToResourcePolicy(
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
    this.uploads = uploads;
  }

  /** Allows a build to upload its files. It can neither read nor list. */
  public grantUpload(scanRole: IRole): Grant {
    this.writers.incoming.push(scanRole);
    this.encryptionKey.grant(scanRole, 'kms:Decrypt', 'kms:GenerateDataKey');
    Grant.addToPrincipal({
      grantee: scanRole,
      actions: ['s3:GetBucketAcl', 's3:GetBucketLocation'],
      resourceArns: [this.uploads.bucketArn],
    }); // CodeBuild asks for both before an upload
    return this.allowUploads(scanRole, 's3:PutObject', EvidencePrefix.incoming);
  }

  /** Allows a probe of the scanner to read what its own builds uploaded. @internal */
  public _grantReadProbes(reader: IGrantable): Grant {
    this.encryptionKey.grantDecrypt(reader);
    this.list(reader, this.uploads);
    return this.allowUploads(reader, 's3:GetObject', `${EvidencePrefix.incoming}${PROBE_IDS}`);
  }

  /** Allows the evaluator to read everything, and to write scans and verdicts. */
  public grantEvaluate(evaluator: IRole): Grant {
    this.writers.scans.push(evaluator);
    this.writers.verdicts.push(evaluator);
    this.encryptionKey.grant(evaluator, 'kms:Decrypt', 'kms:GenerateDataKey');
    this.list(evaluator);
    this.list(evaluator, this.uploads);
    return this.allow(
      evaluator,
      ['s3:GetObject'],
      [EvidencePrefix.scans, EvidencePrefix.verdicts, EvidencePrefix.policies],
    )
      .combine(this.allow(evaluator, ['s3:PutObject'], [EvidencePrefix.scans, EvidencePrefix.verdicts]))
      .combine(this.allowUploads(evaluator, 's3:GetObject', EvidencePrefix.incoming));
  }

  /** Allows a role to publish policies, and to read earlier ones. */
  public grantPublishPolicy(publisher: IRole): Grant {
    this.writers.policies.push(publisher);
    this.encryptionKey.grant(publisher, 'kms:Decrypt', 'kms:GenerateDataKey');
    this.list(publisher);
    return this.allow(publisher, ['s3:GetObject', 's3:PutObject'], [EvidencePrefix.policies]);
  }

  /** Allows a role to publish waivers, and to read published ones. @internal */
  public _grantPublishWaivers(publisher: IRole): Grant {
    this.writers.policies.push(publisher);
    this.encryptionKey.grant(publisher, 'kms:Decrypt', 'kms:GenerateDataKey');
    this.list(publisher);
    return this.allow(publisher, ['s3:GetObject', 's3:PutObject'], [WAIVERS_PREFIX]);
  }

  /** Allows a role to record releases of the brake. @internal */
  public _grantRecordReleases(releaser: IRole): Grant {
    this.writers.policies.push(releaser);
    this.encryptionKey.grant(releaser, 'kms:Decrypt', 'kms:GenerateDataKey');
    return this.allow(releaser, ['s3:PutObject'], [BRAKE_PREFIX]);
  }

  /**
   * Allows a principal to read scans, verdicts and policies. It does not allow `incoming/`: the files of
   * builds there are not yet reduced to the allowed fields.
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

  /** Allows the signer to read the verdicts that it signs, and the reports that it attests. @internal */
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
   * Without s3:ListBucket, S3 answers 403 for a missing object, and a missing report looks like a missing
   * right.
   */
  private list(grantee: IGrantable, bucket: IBucket = this.bucket): void {
    Grant.addToPrincipal({ grantee, actions: ['s3:ListBucket'], resourceArns: [bucket.bucketArn] });
  }

  private allowUploads(grantee: IGrantable, action: string, prefix: string): Grant {
    const resourceArns = [this.uploads.arnForObjects(`${prefix}*`)];
    return Grant.addToPrincipal({ grantee, actions: [action], resourceArns });
  }

  private allow(grantee: IGrantable, actions: string[], prefixes: string[]): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions,
      resourceArns: prefixes.map(prefix => this.bucket.arnForObjects(`${prefix}*`)),
    });
  }

  private denyOthers(prefix: keyof typeof EvidencePrefix, bucket: IBucket): PolicyStatement {
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

/** Throws for an existing bucket without a key of AWS KMS. */
function keyOf(evidence: Construct, { encryptionKey, bucket }: EvidenceBucketProps): IKey | undefined {
  if (bucket === undefined) return encryptionKey;
  if (encryptionKey !== undefined && bucket.encryptionKey !== undefined) {
    refuseOtherKey(evidence, bucket, bucket.encryptionKey, encryptionKey);
  }
  const key = encryptionKey ?? bucket.encryptionKey;
  if (key !== undefined) return key;
  throw new Error(
    `the existing bucket ${bucket.node.path} of ${evidence.node.path} has no key of AWS KMS that CDK knows, required: encryptionKey, the key that encrypts its objects`,
  );
}
