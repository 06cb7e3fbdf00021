import { Annotations, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnKey, type IKey } from 'aws-cdk-lib/aws-kms';
import { BucketPolicy, CfnBucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { firstUser } from '../access/first-user';

/** What takes the statements of a bucket's policy. */
interface Rules {
  addToResourcePolicy(statement: PolicyStatement): unknown;
}

/**
 * The policy of an existing bucket. A bucket of the app is checked at synthesis. Of an imported one nothing
 * is known, and CDK would add no statement to its policy: it is written as a whole.
 *
 * @internal
 */
export function existingBucket(evidence: Construct, bucket: IBucket, durable: readonly string[]): Rules {
  refuseSecond(evidence, bucket);
  const made = bucket.node.defaultChild;
  if (CfnBucket.isCfnBucket(made)) {
    evidence.node.addValidation({ validate: () => problemsOf(bucket.node.path, made, durable) });
    return bucket;
  }
  Annotations.of(evidence).addWarningV2(
    'cdk-trusted-images:importedEvidenceBucket',
    `this stack writes the whole policy of the imported bucket, so a deployment fails if it has one: move what it says first. Versioning, encryption, public access and lifecycle rules of ${bucket.node.path} cannot be checked: it must be versioned, encrypted by its key and closed to the public (if its default key is another than encryptionKey, the deployment fails when it writes the policy), and no rule may expire ${durable.join(', ')}`,
  );
  const policy = new BucketPolicy(evidence, 'Policy', { bucket });
  // evidence must not lose its protection with the stack
  policy.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
  const { document } = policy;
  document.addStatements(
    new PolicyStatement({
      sid: 'OnlyTls',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ['s3:*'],
      resources: [bucket.bucketArn, bucket.arnForObjects('*')],
      conditions: { Bool: { 'aws:SecureTransport': 'false' } },
    }),
  );
  return { addToResourcePolicy: statement => document.addStatements(statement) };
}

/**
 * S3 encrypts by the key of the bucket, and the roles that write evidence may use only the given one. An
 * alias and a token may be any key: then the first write, that of the policy at deployment, fails with the
 * name of the key.
 *
 * @internal
 */
export function refuseOtherKey(evidence: Construct, bucket: IBucket, its: IKey, given: IKey): void {
  const [one, other] = [nameOf(its), nameOf(given)];
  if (one === undefined || other === undefined || one === other) return;
  throw new Error(
    `the encryptionKey of ${evidence.node.path} is ${other}, but the key of the existing bucket ${bucket.node.path} is ${one}, and S3 encrypts with that; leave encryptionKey out, or give the key of the bucket`,
  );
}

/** The ARN of an imported key, or the path of a key of the app; undefined if it may be any key. */
function nameOf(key: IKey): string | undefined {
  if (CfnKey.isCfnKey(key.node.defaultChild)) return key.node.path;
  return !Token.isUnresolved(key.keyArn) && key.keyArn.includes(':key/') ? key.keyArn : undefined;
}

/** Each denies writes to the roles of the other, so neither could write. */
function refuseSecond(evidence: Construct, bucket: IBucket): void {
  const first = firstUser(bucket, evidence);
  if (first === evidence) return;
  throw new Error(
    `the bucket ${bucket.node.path} holds the evidence of ${first.node.path} already, and ${evidence.node.path} is another, allowed: one EvidenceBucket for each bucket, because the policy of each refuses the writers of the other`,
  );
}

/** Whatever the bucket lacks for evidence that is written once and never deleted. */
function problemsOf(path: string, bucket: CfnBucket, durable: readonly string[]): string[] {
  const of = <T>(value: T): any => Stack.of(bucket).resolve(value);
  const access = of(bucket.publicAccessBlockConfiguration) ?? {};
  const isClosed = [
    'blockPublicAcls',
    'blockPublicPolicy',
    'ignorePublicAcls',
    'restrictPublicBuckets',
  ].every(name => access[name] === true);
  const [encryption] = of(bucket.bucketEncryption)?.serverSideEncryptionConfiguration ?? [];
  const expiring = (of(bucket.lifecycleConfiguration)?.rules ?? []).filter(
    (rule: any) =>
      rule.status === 'Enabled' &&
      (rule.expirationInDays ?? rule.expirationDate ?? rule.noncurrentVersionExpiration) !== undefined &&
      durable.some(prefix => prefix.startsWith(rule.prefix ?? '') || (rule.prefix ?? '').startsWith(prefix)),
  );
  return [
    ...(of(bucket.versioningConfiguration)?.status === 'Enabled'
      ? []
      : ['it is not versioned: set versioned']),
    ...(isClosed ? [] : ['it is open to the public: set blockPublicAccess to BlockPublicAccess.BLOCK_ALL']),
    ...(encryption?.serverSideEncryptionByDefault?.sseAlgorithm === 'aws:kms'
      ? []
      : ['a key of AWS KMS does not encrypt it: set encryption to BucketEncryption.KMS']),
    ...(expiring.length === 0
      ? []
      : [`a lifecycle rule expires evidence (${durable.join(', ')}): remove it`]),
  ].map(why => `the bucket ${path} cannot hold the evidence: ${why}`);
}
