import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { WaiverSource } from '../../src';
import { addDays, dayOf } from '../../src/core/waivers/life';
import {
  environmentOf,
  exceptedRoles,
  resourcePolicy,
  rightsOf,
  roleStatements,
  text,
  trustStack,
} from '../support/synthesise';

const FILE = join(mkdtempSync(join(tmpdir(), 'waivers-')), 'waivers.yaml');
const PUBLISHER = 'TrustWaiversRole';

function fileOf(count: number): WaiverSource {
  const entry = (at: number) =>
    `  - {id: CVE-${at}, repositories: [team/*], owner: alice@example.com, reason: not reachable from any input, expires: ${addDays(dayOf(new Date()), 30)}}\n`;
  writeFileSync(
    FILE,
    `version: 1\nwaivers:\n${Array.from({ length: count }, (_, at) => entry(at)).join('')}`,
  );
  return WaiverSource.fromFile(FILE);
}

/** Of the policy table: those that a role may write. */
function rowsOf(role: string, template: Template): string[] {
  const writing = roleStatements(template)
    .get(role)!
    .filter(
      ({ actions, resources }) => actions.includes('dynamodb:PutItem') && resources.includes('TrustPolicies'),
    );
  return writing.flatMap(
    ({ condition }) => condition['ForAllValues:StringEquals']['dynamodb:LeadingKeys'] as string[],
  );
}

describe('by default', () => {
  const { trust, stack, template } = (() => {
    const made = trustStack();
    made.trust.waivers.grantEdit(
      new Role(made.stack, 'Editor', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') }),
    );
    return made;
  })();
  const resourceOf = (type: string, name: string) =>
    Object.entries(template.findResources(type)).find(([id]) => id.startsWith(name))![1];

  test('the bucket is private, versioned and encrypted, kept, and tells EventBridge of each change', () => {
    expect(resourceOf('AWS::S3::Bucket', 'TrustWaivers')).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        VersioningConfiguration: { Status: 'Enabled' },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
        NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
      },
    });
    expect(resourcePolicy(template, 'AWS::S3::BucketPolicy', 'TrustWaiversPolicy')).toMatchObject([
      {
        effect: 'Deny',
        actions: ['s3:*'],
        principal: '*',
        condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ]);
  });

  test('rule 5.3, separation of duties: who puts active waivers may read this one file, and write these documents and no others', () => {
    expect(rightsOf(roleStatements(template).get(PUBLISHER)!)).toEqual([
      'Allow dynamodb:GetItem TrustPolicies',
      'Allow dynamodb:PutItem TrustPolicies',
      'Allow dynamodb:Scan TrustRegister',
      'Allow events:PutEvents TrustEvents',
      'Allow kms:Decrypt TrustEvidenceKey',
      'Allow kms:GenerateDataKey TrustEvidenceKey',
      'Allow s3:GetObject TrustEvidence/policies/waivers/*',
      'Allow s3:GetObject TrustWaivers/waivers.yaml',
      'Allow s3:ListBucket TrustEvidence',
      'Allow s3:ListBucket TrustWaivers',
      'Allow s3:PutObject TrustEvidence/policies/waivers/*',
      'Allow sqs:SendMessage TrustScannerReconcilerRepositories',
    ]);
    const publishing = roleStatements(template)
      .get(PUBLISHER)!
      .find(({ actions }) => actions.includes('events:PutEvents'))!;
    expect(publishing.condition).toEqual({
      StringEquals: {
        'events:source': 'trusted-images',
        'events:detail-type': ['Waiver Expiring', 'Waivers Rejected', 'Waivers Unused'],
      },
    });
  });

  test('the policies of evidence, pointers and bus except it from their denials', () => {
    const evidence = resourcePolicy(template, 'AWS::S3::BucketPolicy', 'TrustEvidencePolicy').find(
      ({ sid }) => sid === 'OnlyPoliciesWriters',
    )!;
    expect(exceptedRoles(evidence)).toContain(PUBLISHER);
    template.hasResourceProperties('AWS::Events::EventBusPolicy', {
      Statement: {
        Condition: {
          ArnNotLike: {
            'aws:PrincipalArn': Match.arrayWith([
              { 'Fn::GetAtt': [Match.stringLikeRegexp('^TrustWaiversRole'), 'Arn'] },
            ]),
          },
        },
      },
    });
    expect(JSON.stringify(resourceOf('AWS::DynamoDB::GlobalTable', 'TrustPolicies'))).toContain(
      'TrustWaiversRole',
    );
    expect(JSON.stringify(resourceOf('AWS::DynamoDB::GlobalTable', 'TrustRegister'))).not.toContain(
      'TrustWaiversRole',
    );
  });

  test('nobody else has a right to the file; who may edit it, may not delete it', () => {
    const rights = [...roleStatements(template)].flatMap(([role, statements]) =>
      rightsOf(statements)
        .filter(right => right.includes('TrustWaivers'))
        .map(right => `${role}: ${right}`),
    );
    expect(rights.filter(right => !right.startsWith(PUBLISHER))).toEqual([
      'Editor: Allow s3:GetObject TrustWaivers/waivers.yaml',
      'Editor: Allow s3:GetObjectVersion TrustWaivers/waivers.yaml',
      'Editor: Allow s3:ListBucket TrustWaivers',
      'Editor: Allow s3:ListBucketVersions TrustWaivers',
      'Editor: Allow s3:PutObject TrustWaivers/waivers.yaml',
    ]);
  });

  test('it looks when the file was written or deleted, here and by S3; each quarter of an hour', () => {
    const rules = Object.entries(template.findResources('AWS::Events::Rule'))
      .filter(([id]) => id.startsWith('TrustWaivers'))
      .map(([, { Properties }]) => Properties);
    expect(rules).toHaveLength(1);
    expect(rules[0]).toMatchObject({
      ScheduleExpression: 'cron(0/15 * * * ? *)', // events of S3 may be lost; one of these is in the morning
      EventPattern: {
        source: ['aws.s3'],
        account: [{ Ref: 'AWS::AccountId' }],
        region: [{ Ref: 'AWS::Region' }],
        'detail-type': ['Object Created', 'Object Deleted'],
        detail: {
          bucket: { name: [{ Ref: expect.stringMatching(/^TrustWaivers/) }] },
          object: { key: ['waivers.yaml'] },
        },
      },
    });
    for (const { Targets } of rules) expect(text(Targets[0].Arn)).toBe('TrustWaiversPublisher');
  });

  test('the function knows where the file lies, and how long a waiver may hold', () => {
    expect(environmentOf(template, 'Activates the waivers')).toEqual({
      POWERTOOLS_SERVICE_NAME: expect.any(String),
      METRICS: expect.stringContaining('WaiversRejected'),
      WAIVERS_BUCKET: 'TrustWaivers',
      WAIVERS_KEY: 'waivers.yaml',
      WAIVER_LIFE_DAYS: '90',
      REGISTER_TABLE: 'TrustRegister',
      POLICIES_TABLE: 'TrustPolicies',
      EVIDENCE_BUCKET: 'TrustEvidence',
      EVENT_BUS: 'TrustEvents',
      QUEUE_URL: 'TrustScannerReconcilerRepositories',
    });
  });

  test('a file that stays broken is one alarm: it holds on between two looks', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'TrustedImages',
      MetricName: 'WaiversRejected',
      Period: 300,
      EvaluationPeriods: 6, // of which at least one is of the look every 15 minutes
      DatapointsToAlarm: 1,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: [Match.anyValue()],
    });
    expect(trust.waivers.metricRejected({ statistic: 'Maximum' })).toMatchObject({
      namespace: 'TrustedImages',
      metricName: 'WaiversRejected',
      statistic: 'Maximum',
    });
  });

  test('rule 5.3, separation of duties: it moves the pointer to waivers and no other, and who publishes policies does not move it', () => {
    expect(rowsOf(PUBLISHER, template)).toEqual(['waivers']);
    expect(rowsOf('TrustEvaluatorPolicyRole', template)).not.toContain('waivers');
  });

  test('a deployment puts nothing there, and has no right to', () => {
    const [{ Properties }] = Object.values(template.findResources('Custom::TrustedImagesPolicy')) as [any];
    expect(Properties).not.toHaveProperty('Waivers');
    expect(stack.resolve(trust.waivers._text)).toBeUndefined();
    expect(environmentOf(template, 'Publishes the policy')).not.toHaveProperty('WAIVERS_BUCKET');
  });
});

describe('from a file', () => {
  const { template } = trustStack({ waivers: fileOf(3), maxWaiverLife: Duration.days(45) });

  test('each deployment that changes it puts it there, and active, before its policy is', () => {
    const [{ Properties, DependsOn }] = Object.values(
      template.findResources('Custom::TrustedImagesPolicy'),
    ) as [any];
    expect(Properties.Waivers).toMatch(/^# Written by a deployment[^]*\n  - id: CVE-0\n/);
    expect(DependsOn.map((id: string) => id.slice(0, -8))).toEqual(
      expect.arrayContaining([
        'TrustWaivers',
        'TrustWaiversChanged',
        'TrustWaiversPublisher',
        'TrustWaiversRoleDefaultPolicy',
      ]),
    );
    expect(environmentOf(template, 'Publishes the policy')).toMatchObject({
      WAIVERS_BUCKET: 'TrustWaivers',
      WAIVERS_KEY: 'waivers.yaml',
      WAIVER_LIFE_DAYS: '45',
    });
    expect(
      rightsOf(roleStatements(template).get('TrustEvaluatorPolicyRole')!).filter(right =>
        right.includes('TrustWaivers'),
      ),
    ).toEqual([
      'Allow s3:GetObject TrustWaivers/waivers.yaml',
      'Allow s3:PutObject TrustWaivers/waivers.yaml',
    ]);
    expect(rowsOf('TrustEvaluatorPolicyRole', template)).toContain('waivers');
  });

  test('other waivers change no function', () => {
    const functions = (count: number) =>
      trustStack({ waivers: fileOf(count) }).template.findResources('AWS::Lambda::Function');
    expect(functions(1)).toEqual(functions(2));
  });

  test('more than a deployment can carry is an error that says what to do', () => {
    expect(() => trustStack({ waivers: fileOf(400) })).not.toThrow();
    expect(() => trustStack({ waivers: fileOf(1000) })).toThrow(
      /^the policies have \d+ bytes and the waivers \d+, allowed: 122880 together; put files into a bucket, which do not count: .*WaiverSource\.inBucket\(\)/,
    );
  });

  test('what is wrong with it is an error of the synthesis', () => {
    expect(() => trustStack({ waivers: fileOf(1), maxWaiverLife: Duration.days(7) })).toThrow(
      /waivers\.yaml:3:\d+: expires is /,
    );
    expect(() => trustStack({ maxWaiverLife: Duration.hours(36) })).toThrow(
      /cannot be converted into a whole number of days/,
    );
  });
});

test('for trying it out, the bucket goes with its stack', () => {
  const { template } = trustStack({ removalPolicy: RemovalPolicy.DESTROY });
  const [bucket] = Object.entries(template.findResources('AWS::S3::Bucket'))
    .filter(([id]) => id.startsWith('TrustWaivers'))
    .map(([, each]) => each);
  expect(bucket).toMatchObject({ DeletionPolicy: 'Delete' });
});
