import { RemovalPolicy } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { EvidenceBucket, type EvidenceBucketProps } from '../../src';
import {
  exceptedRoles,
  newStack,
  resourcePolicy,
  roleStatements,
  text,
  type Statement,
} from '../support/synthesise';

interface Evidence {
  readonly evidence: EvidenceBucket;
  readonly template: Template;
  role(id: string): Role;
  policy(bucket?: string): Statement[];
}

function evidenceStack(props?: EvidenceBucketProps): Evidence {
  const stack = newStack();
  const evidence = new EvidenceBucket(stack, 'Evidence', props);
  return {
    evidence,
    role: id => new Role(stack, id, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }),
    get template() {
      return Template.fromStack(stack);
    },
    policy(bucket = 'Evidence') {
      return resourcePolicy(Template.fromStack(stack), 'AWS::S3::BucketPolicy', `${bucket}Policy`);
    },
  };
}

describe('by default', () => {
  const { template, policy } = evidenceStack();

  test('private, versioned, encrypted by a key of its own that rotates', () => {
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: {
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        VersioningConfiguration: { Status: 'Enabled' },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            {
              BucketKeyEnabled: true,
              ServerSideEncryptionByDefault: {
                SSEAlgorithm: 'aws:kms',
                KMSMasterKeyID: { 'Fn::GetAtt': [Match.stringLikeRegexp('EvidenceKey'), 'Arn'] },
              },
            },
          ],
        },
      },
    });
    template.hasResource('AWS::KMS::Key', {
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: { EnableKeyRotation: true },
    });
  });

  test('what builds upload has a bucket without versions and is gone after a day; nothing else ever is', () => {
    const buckets = Object.entries(template.findResources('AWS::S3::Bucket'));
    const [[, uploads], ...more] = buckets.filter(
      ([, { Properties }]) => 'LifecycleConfiguration' in Properties,
    ) as [(typeof buckets)[0]];
    expect(more).toEqual([]);
    expect(uploads.Properties).not.toHaveProperty('VersioningConfiguration');
    expect(uploads.Properties.LifecycleConfiguration.Rules).toEqual([
      {
        Id: 'all',
        Status: 'Enabled',
        ExpirationInDays: 1,
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
      },
    ]);
  });

  test('nobody but TLS, and where nobody has the right to write, nobody writes', () => {
    expect(policy().map(({ sid, effect }) => `${effect} ${sid ?? ''}`.trim())).toEqual([
      'Deny',
      'Deny OnlyScansWriters',
      'Deny OnlyVerdictsWriters',
      'Deny OnlyPoliciesWriters',
      'Deny WriteOnce',
      'Deny NoDelete',
    ]);
    const uploads = policy('EvidenceUploads');
    expect(uploads.map(({ sid, effect }) => `${effect} ${sid ?? ''}`.trim())).toEqual([
      'Deny',
      'Deny OnlyIncomingWriters',
    ]);
    for (const statement of [...policy(), ...uploads].filter(({ sid }) => sid?.startsWith('Only'))) {
      expect([statement.condition.ArnNotLike['aws:PrincipalArn']].flat().map(text)).toEqual([
        'arn:Partition:iam::AccountId:role/(nobody)',
      ]);
    }
  });
});

describe('grants', () => {
  const stack = evidenceStack();
  const [build, evaluator, second, publisher, reader, signer, attester] = [
    'Build',
    'Evaluator',
    'Second',
    'Publisher',
    'Reader',
    'Signer',
    'Attester',
  ].map(stack.role) as [Role, Role, Role, Role, Role, Role, Role];
  stack.evidence.grantUpload(build);
  stack.evidence.grantEvaluate(evaluator);
  stack.evidence.grantEvaluate(second);
  stack.evidence.grantPublishPolicy(publisher);
  stack.evidence.grantRead(reader);
  stack.evidence._grantReadVerdicts(signer, false);
  stack.evidence._grantReadVerdicts(attester, true);
  const writersOf = (sid: string) =>
    exceptedRoles(
      [...stack.policy(), ...stack.policy('EvidenceUploads')].find(statement => statement.sid === sid)!,
    );

  test('a build writes incoming/, the evaluators scans/ and verdicts/, the publisher policies/', () => {
    expect(
      ['OnlyIncomingWriters', 'OnlyScansWriters', 'OnlyVerdictsWriters', 'OnlyPoliciesWriters'].map(
        writersOf,
      ),
    ).toEqual([['Build'], ['Evaluator', 'Second'], ['Evaluator', 'Second'], ['Publisher']]);
  });

  test('a build can neither read nor list', () => {
    expect(
      roleStatements(stack.template)
        .get('Build')!
        .flatMap(({ actions }) => actions)
        .filter(action => action.startsWith('s3:')),
    ).toEqual(['s3:GetBucketAcl', 's3:GetBucketLocation', 's3:PutObject']);
  });

  test.each([
    ['Reader', ['scans', 'verdicts', 'policies']],
    ['Signer', ['verdicts']],
    ['Attester', ['verdicts', 'scans']],
  ])('%s decrypts and encrypts nothing, and reads %j', (role, prefixes) => {
    expect(roleStatements(stack.template).get(role)).toEqual([
      { sid: undefined, effect: 'Allow', actions: ['kms:Decrypt'], resources: ['EvidenceKey'] },
      { sid: undefined, effect: 'Allow', actions: ['s3:ListBucket'], resources: ['Evidence'] },
      {
        sid: undefined,
        effect: 'Allow',
        actions: ['s3:GetObject'],
        resources: prefixes.map(prefix => `Evidence/${prefix}/*`),
      },
    ]);
  });
});

test('a key of your own is the only one', () => {
  const stack = newStack();
  const key = Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:123456789012:key/mine');
  expect(new EvidenceBucket(stack, 'Evidence', { encryptionKey: key }).encryptionKey).toBe(key);
  Template.fromStack(stack).resourceCountIs('AWS::KMS::Key', 0);
});

test('DESTROY may delete, and still writes once', () => {
  const { policy, template } = evidenceStack({ removalPolicy: RemovalPolicy.DESTROY });
  expect(policy().map(({ sid }) => sid)).toContain('WriteOnce');
  expect(policy().map(({ sid }) => sid)).not.toContain('NoDelete');
  template.resourceCountIs('Custom::S3AutoDeleteObjects', 2);
});
