import { App, Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, type BucketProps } from 'aws-cdk-lib/aws-s3';
import { EvidenceBucket, ImageTrust, RepositorySelector } from '../../src';
import { exceptedRoles, FAST, newStack, resourcePolicy } from '../support/synthesise';

const SAFE: BucketProps = {
  versioned: true,
  encryption: BucketEncryption.KMS,
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
};
const KEY_ARN = 'arn:aws:kms:eu-west-1:111122223333:key/1';

function made(props: BucketProps): () => Template {
  const stack = newStack();
  const evidence = new EvidenceBucket(stack, 'Evidence', { bucket: new Bucket(stack, 'Mine', props) });
  evidence.grantEvaluate(
    new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }),
  );
  return () => Template.fromStack(stack);
}

test('a bucket of the app gets the policy of evidence beside its own', () => {
  const template = made({ ...SAFE, enforceSSL: true })();
  const policy = resourcePolicy(template, 'AWS::S3::BucketPolicy', 'MinePolicy');
  expect(policy.map(({ sid }) => sid)).toEqual([
    undefined,
    'OnlyScansWriters',
    'OnlyVerdictsWriters',
    'OnlyPoliciesWriters',
    'WriteOnce',
    'NoDelete',
  ]);
  expect(exceptedRoles(policy.find(({ sid }) => sid === 'OnlyVerdictsWriters')!)).toEqual(['Role']);
  template.resourceCountIs('AWS::S3::Bucket', 2); // it, and the one for uploads
});

test.each<[string, BucketProps, string]>([
  ['not versioned', { versioned: false }, 'it is not versioned: set versioned'],
  ['open', { blockPublicAccess: undefined }, 'it is open to the public: set blockPublicAccess'],
  ['partly open', { blockPublicAccess: BlockPublicAccess.BLOCK_ACLS }, 'it is open to the public'],
  [
    'expiring',
    { lifecycleRules: [{ expiration: Duration.days(30) }] },
    'a lifecycle rule expires evidence (scans/, verdicts/, policies/): remove it',
  ],
  [
    'expiring in part',
    { lifecycleRules: [{ prefix: 'scans/2026', noncurrentVersionExpiration: Duration.days(1) }] },
    'a lifecycle rule expires evidence',
  ],
])('a bucket that is %s is an error', (_, change, why) => {
  expect(made({ ...SAFE, ...change })).toThrow(`the bucket Test/Mine cannot hold the evidence: ${why}`);
});

test('what expires elsewhere in the bucket is no matter of ours', () => {
  expect(
    made({ ...SAFE, lifecycleRules: [{ prefix: 'logs/', expiration: Duration.days(1) }] }),
  ).not.toThrow();
});

test('a bucket without a key of AWS KMS is an error', () => {
  expect(made.bind(undefined, { ...SAFE, encryption: BucketEncryption.S3_MANAGED })).toThrow(
    'the existing bucket Test/Mine of Test/Evidence has no key of AWS KMS that CDK knows, required: encryptionKey',
  );
});

describe('the key of an existing bucket', () => {
  const withKey = (its: string | 'of the app', given: string | 'of the app') => () => {
    const stack = newStack();
    const key = (id: string, arn: string) =>
      arn === 'of the app' ? new Key(stack, id) : Key.fromKeyArn(stack, id, arn);
    const bucket = Bucket.fromBucketAttributes(stack, 'Mine', {
      bucketName: 'mine',
      encryptionKey: key('Its', its),
    });
    return new EvidenceBucket(stack, 'Evidence', { bucket, encryptionKey: key('Given', given) });
  };

  test('is refused if another one is given, with both', () => {
    const other = KEY_ARN.replace('key/1', 'key/2');
    expect(withKey(KEY_ARN, other)).toThrow(
      `the encryptionKey of Test/Evidence is ${other}, but the key of the existing bucket Test/Mine is ${KEY_ARN}, and S3 encrypts with that; leave encryptionKey out, or give the key of the bucket`,
    );
    expect(withKey(KEY_ARN, 'of the app')).toThrow('is Test/Given, but the key');
    expect(withKey('of the app', 'of the app')).toThrow('is Test/Given, but the key');
  });

  test.each([KEY_ARN, KEY_ARN.replace('key/1', 'alias/evidence'), Aws.ACCOUNT_ID])(
    'is accepted if the one that is given is or may be the same: %s',
    given => {
      expect(withKey(KEY_ARN, given)).not.toThrow();
    },
  );
});

test('a bucket holds the evidence of one trust: the policy of each would refuse the writers of the other', () => {
  const stack = new Stack(new App({ context: FAST }), 'Test');
  const bucket = Bucket.fromBucketName(stack, 'Mine', 'mine');
  const encryptionKey = Key.fromKeyArn(stack, 'Key', KEY_ARN);
  new EvidenceBucket(stack, 'One', { bucket, encryptionKey });
  expect(() => new EvidenceBucket(stack, 'Two', { bucket, encryptionKey })).toThrow(
    'the bucket Test/Mine holds the evidence of Test/One already, and Test/Two is another, allowed: one EvidenceBucket for each bucket',
  );
  Template.fromStack(stack).hasResource('AWS::S3::BucketPolicy', {
    Properties: { Bucket: 'mine' },
    DeletionPolicy: 'RetainExceptOnCreate', // evidence keeps its protection
  });
});

test('of an imported bucket the whole policy is written, and what cannot be checked is said', () => {
  const stack = new Stack(new App({ context: FAST }), 'Test');
  const evidence = new EvidenceBucket(stack, 'Evidence', {
    bucket: Bucket.fromBucketName(stack, 'Mine', 'mine'),
    encryptionKey: Key.fromKeyArn(stack, 'Key', KEY_ARN),
    removalPolicy: RemovalPolicy.DESTROY,
  });
  new ImageTrust(stack, 'Trust', { repositories: [RepositorySelector.prefix('team/')], evidence });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::S3::BucketPolicy', {
    Bucket: 'mine',
    PolicyDocument: {
      Statement: [
        'OnlyTls',
        'OnlyScansWriters',
        'OnlyVerdictsWriters',
        'OnlyPoliciesWriters',
        'WriteOnce',
        'NoDelete',
      ].map(Sid => Match.objectLike({ Sid, Effect: 'Deny' })),
    },
  });
  Annotations.fromStack(stack).hasWarning(
    '/Test/Evidence',
    Match.stringLikeRegexp(
      'writes the whole policy of the imported bucket, so a deployment fails if it has one: move what it says first. Versioning, encryption, public access and lifecycle rules of Test/Mine cannot be checked.*if its default key is another than encryptionKey, the deployment fails',
    ),
  );
});
