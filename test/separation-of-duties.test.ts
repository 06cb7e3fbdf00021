import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { EmergencyAccess, ImageTrust, RepositorySelector, TrustRegister } from '../src';
import {
  FAST,
  PUSH,
  exceptedRoles,
  newStack,
  resourcePolicy,
  rightsOf,
  roleStatements,
  statementsOf,
  text,
  trustStack,
  type Statement,
} from './support/synthesise';

const { template } = trustStack({ emergencyAccess: EmergencyAccess.BREAK_GLASS });
const roles = roleStatements(template);
const everyStatement = [...roles].flatMap(([role, statements]) =>
  statements.map(statement => ({ role, ...statement })),
);

/** Who may do something somewhere, by their own policies. */
function whoMay(action: string, resource: string): string[] {
  return [
    ...new Set(
      everyStatement
        .filter(
          each =>
            each.effect === 'Allow' && each.actions.includes(action) && each.resources.includes(resource),
        )
        .map(({ role }) => role),
    ),
  ];
}

const ECR = 'arn:Partition:ecr:Region:AccountId:repository/team/*';
const PROBE = 'arn:Partition:ecr:Region:AccountId:repository/TrustScannerProbeRepository';
/** Where CDK keeps the assets of all apps. */
const ASSETS = 'arn:Partition:s3:::cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}';
const READ_REGISTER = [
  'Allow dynamodb:GetItem TrustRegister',
  'Allow dynamodb:GetItem TrustRegister/index/*',
  'Allow dynamodb:Query TrustRegister',
  'Allow dynamodb:Query TrustRegister/index/*',
];
const WRITE_REGISTER = ['Allow dynamodb:PutItem TrustRegister', 'Allow dynamodb:UpdateItem TrustRegister'];
const send = (...queues: string[]) => queues.map(queue => `Allow sqs:SendMessage Trust${queue}`);
const USE_EVIDENCE_KEY = ['Allow kms:Decrypt TrustEvidenceKey', 'Allow kms:GenerateDataKey TrustEvidenceKey'];

/** All that each role may: what is not here, somebody added. */
const RIGHTS: Record<string, string[]> = {
  TrustScannerProjectRole: [
    `Allow ecr:BatchGetImage ${ECR}`,
    `Allow ecr:GetDownloadUrlForLayer ${ECR}`,
    `Allow ecr:BatchGetImage ${PROBE}`,
    `Allow ecr:GetDownloadUrlForLayer ${PROBE}`,
    'Allow ecr:GetAuthorizationToken *',
    ...USE_EVIDENCE_KEY,
    'Allow s3:GetBucketAcl TrustEvidenceUploads',
    'Allow s3:GetBucketLocation TrustEvidenceUploads',
    'Allow s3:PutObject TrustEvidenceUploads/incoming/*',
    `Allow s3:GetBucketAcl ${ASSETS}`,
    `Allow s3:GetBucketLocation ${ASSETS}`,
    `Allow s3:GetObject ${ASSETS}/<reader>.zip`,
    `Allow s3:GetObjectVersion ${ASSETS}/<reader>.zip`,
  ],
  TrustScannerDispatcherRole: [
    'Allow dynamodb:GetItem TrustRegister',
    'Allow dynamodb:PutItem TrustRegister',
    `Allow ecr:BatchGetImage ${ECR}`,
    'Allow codebuild:StartBuild TrustScannerProject',
    ...send('ScannerRequests', 'ScannerBackground', 'FailuresDeadLetters', 'ScannerResults'),
  ],
  TrustScannerProbeRole: [
    'Allow dynamodb:GetItem TrustRegister', // one row, and no image's
    'Allow dynamodb:PutItem TrustRegister',
    ...PUSH.filter(action => !action.includes('Get')).map(action => `Allow ${action} ${PROBE}`),
    'Allow kms:Decrypt TrustEvidenceKey',
    'Allow s3:ListBucket TrustEvidenceUploads',
    'Allow s3:GetObject TrustEvidenceUploads/incoming/0000000001*',
    'Allow codebuild:BatchGetBuilds TrustScannerProject',
    'Allow codebuild:StartBuild TrustScannerProject', // no lease names its builds: none is believed
    'Allow cloudformation:DescribeStacks StackId',
  ],
  TrustScannerReconcilerRole: [
    ...READ_REGISTER,
    'Allow dynamodb:GetItem TrustPolicies',
    `Allow ecr:DescribeImages ${ECR}`,
    ...['DescribeRepositories', 'ListTagsForResource'].map(
      action => `Allow ecr:${action} arn:Partition:ecr:Region:AccountId:repository/*`,
    ),
    ...send(
      'ScannerRequests',
      'ScannerBackground',
      'ScannerResults',
      'ScannerReconcilerRepositories',
      'FailuresDeadLetters',
      'SignerVerdicts',
    ),
  ],
  TrustEvaluatorRole: [
    ...READ_REGISTER,
    ...WRITE_REGISTER,
    ...USE_EVIDENCE_KEY,
    'Allow dynamodb:GetItem TrustPolicies',
    'Allow codebuild:BatchGetBuilds TrustScannerProject',
    'Allow events:PutEvents TrustEvents',
    'Allow s3:ListBucket TrustEvidence',
    'Allow s3:ListBucket TrustEvidenceUploads',
    'Allow s3:GetObject TrustEvidenceUploads/incoming/*',
    ...['scans', 'verdicts', 'policies'].map(prefix => `Allow s3:GetObject TrustEvidence/${prefix}/*`),
    'Allow s3:PutObject TrustEvidence/scans/*',
    'Allow s3:PutObject TrustEvidence/verdicts/*',
    ...send('ScannerRequests', 'ScannerBackground', 'ScannerResults', 'FailuresDeadLetters'),
  ],
  TrustEvaluatorPolicyRole: [
    ...USE_EVIDENCE_KEY,
    'Allow dynamodb:GetItem TrustPolicies',
    'Allow dynamodb:PutItem TrustPolicies',
    'Allow s3:PutObject TrustEvidence/policies/*',
    'Allow s3:GetObject TrustEvidence/policies/*',
    'Allow s3:ListBucket TrustEvidence',
    ...send('ScannerReconcilerRepositories'),
  ],
  TrustWaiversRole: [
    ...USE_EVIDENCE_KEY,
    'Allow dynamodb:GetItem TrustPolicies',
    'Allow dynamodb:PutItem TrustPolicies',
    'Allow dynamodb:Scan TrustRegister',
    'Allow events:PutEvents TrustEvents',
    'Allow s3:ListBucket TrustEvidence',
    'Allow s3:GetObject TrustEvidence/policies/waivers/*',
    'Allow s3:PutObject TrustEvidence/policies/waivers/*',
    'Allow s3:ListBucket TrustWaivers',
    'Allow s3:GetObject TrustWaivers/waivers.yaml',
    ...send('ScannerReconcilerRepositories'),
  ],
  TrustBreakGlassGranterRole: [
    'Allow dynamodb:PutItem TrustBreakGlass',
    'Allow dynamodb:Query TrustBreakGlass',
    ...send('BreakGlassMessages'), // it writes grants and nothing else: who watches them publishes
  ],
  TrustBreakGlassWatcherRole: [
    'Allow dynamodb:GetItem TrustBreakGlass',
    'Allow events:PutEvents TrustEvents',
    ...send('BreakGlassMessages', 'FailuresDeadLetters'),
  ],
  TrustSignerRole: [
    'Allow dynamodb:GetItem TrustRegister',
    'Allow dynamodb:PutItem TrustRegister',
    'Allow kms:Decrypt TrustEvidenceKey',
    'Allow s3:ListBucket TrustEvidence',
    'Allow s3:GetObject TrustEvidence/verdicts/*',
    'Allow events:PutEvents TrustEvents',
    'Allow kms:DescribeKey TrustSigningKey',
    'Allow kms:GetPublicKey TrustSigningKey', // kms:Sign is for the key to allow
    ...PUSH.map(action => `Allow ${action} ${ECR}`),
    ...send('SignerVerdicts', 'FailuresDeadLetters'),
  ],
  TrustFindingsRecorderRole: [
    ...READ_REGISTER,
    'Allow kms:Decrypt TrustEvidenceKey',
    'Allow s3:ListBucket TrustEvidence',
    ...['scans', 'verdicts', 'policies'].map(prefix => `Allow s3:GetObject TrustEvidence/${prefix}/*`),
    'Allow dynamodb:BatchWriteItem TrustFindings',
    'Allow dynamodb:Query TrustFindings',
    ...send('FindingsVerdicts', 'FailuresDeadLetters'),
  ],
  TrustAlertsNotifierRole: [
    ...READ_REGISTER,
    'Allow sns:Publish TrustAlertsTopic',
    'Allow kms:Decrypt TrustAlertsKey',
    'Allow kms:GenerateDataKey TrustAlertsKey',
    ...['DeleteItem', 'GetItem', 'PutItem', 'UpdateItem'].map(
      action => `Allow dynamodb:${action} TrustAlertsSent`,
    ),
    ...send('AlertsEvents', 'FailuresDeadLetters'),
  ],
};

describe('rule 5.3, separation of duties: what a role may', () => {
  test('these are all the roles', () => {
    const others = [...roles.keys()].filter(role => !role.startsWith('TrustGate')); // see gates/gate-rights
    expect(others.sort()).toEqual(Object.keys(RIGHTS).sort());
  });

  test.each(Object.entries(RIGHTS))('%s may exactly this', (role, rights) => {
    const given = rightsOf(roles.get(role)!).map(right =>
      right.replace(/[0-9a-f]{64}(?=\.zip$)/, '<reader>'),
    );
    expect(given).toEqual([...rights].sort());
  });

  test.each(Object.keys(RIGHTS))('%s writes to one log group', role => {
    const logs = roles.get(role)!.filter(({ actions }) => actions.some(action => action.startsWith('logs:')));
    expect(logs).toEqual([
      expect.objectContaining({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [expect.stringMatching(/^Trust\w+Logs$/)],
      }),
    ]);
  });

  test('no role has a managed policy of AWS, and none can be assumed by anybody but its service', () => {
    for (const { Properties } of Object.values(template.findResources('AWS::IAM::Role'))) {
      expect(Properties.ManagedPolicyArns).toBeUndefined();
      expect(statementsOf(Properties.AssumeRolePolicyDocument)).toEqual([
        expect.objectContaining({
          actions: ['sts:AssumeRole'],
          principal: expect.stringMatching(/^(?:lambda|codebuild)\.amazonaws\.com$/),
        }),
      ]);
    }
  });

  test('no policy allows an action by a wildcard', () => {
    expect(
      everyStatement.filter(
        ({ effect, actions }) => effect === 'Allow' && actions.some(action => action.includes('*')),
      ),
    ).toEqual([]);
  });

  test('every resource is named but where the action knows none', () => {
    const whole = everyStatement
      .filter(({ resources }) => resources.includes('*'))
      .flatMap(({ role, actions }) => actions.map(action => `${role} ${action}`));
    expect(whole).toEqual([
      'TrustScannerProjectRole ecr:GetAuthorizationToken', // knows no resource
    ]);
  });

  test('nobody may pass a role, change a policy, or use a key but to read, write and verify', () => {
    const actions = new Set(everyStatement.flatMap(each => each.actions));
    expect(
      [...actions].filter(action =>
        /^(?:iam|sts|lambda:(?:Update|Add|Create)|kms:(?!Decrypt$|GenerateDataKey$|DescribeKey$|GetPublicKey$)|s3:(?!GetObject$|GetObjectVersion$|GetBucketAcl$|GetBucketLocation$|PutObject$|ListBucket$)|codebuild:(?!StartBuild$|BatchGetBuilds$))/.test(
          action,
        ),
      ),
    ).toEqual([]);
  });
});

describe('who writes what', () => {
  test.each([
    ['incoming', ['TrustScannerProjectRole']],
    ['scans', ['TrustEvaluatorRole']],
    ['verdicts', ['TrustEvaluatorRole']],
    ['policies', ['TrustEvaluatorPolicyRole']],
  ])("%s/: by their own policies and by the bucket's, nobody but %j", (prefix, writers) => {
    const bucket = prefix === 'incoming' ? 'TrustEvidenceUploads' : 'TrustEvidence';
    const [only, ...more] = bucketPolicy(bucket).filter(
      ({ sid }) => sid === `Only${prefix[0]!.toUpperCase()}${prefix.slice(1)}Writers`,
    );
    expect(more).toEqual([]);
    expect(whoMay('s3:PutObject', `${bucket}/${prefix}/*`)).toEqual(writers);
    expect(only).toMatchObject({
      effect: 'Deny',
      principal: '*',
      actions: ['s3:PutObject', 's3:ReplicateObject'],
      resources: [`${bucket}/${prefix}/*`],
    });
    expect(exceptedRoles(only!)).toEqual(prefix === 'policies' ? ['TrustWaiversRole', ...writers] : writers);
  });

  test('who puts active waivers writes no policy, and who puts policies active no waivers', () => {
    expect(whoMay('s3:PutObject', 'TrustEvidence/policies/waivers/*')).toEqual(['TrustWaiversRole']);
    const rows = everyStatement.filter(
      ({ actions, resources }) => actions.includes('dynamodb:PutItem') && resources.includes('TrustPolicies'),
    );
    expect(rows.map(({ role, condition }) => [role, condition])).toEqual([
      ['TrustWaiversRole', { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['waivers'] } }],
      [
        'TrustEvaluatorPolicyRole',
        { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['current', 'source'] } },
      ],
    ]);
  });

  test('the probe writes the row of the slots, and no image', () => {
    const rows = everyStatement.filter(
      ({ role, actions }) => role === 'TrustScannerProbeRole' && actions.includes('dynamodb:PutItem'),
    );
    expect(rows.map(({ condition }) => condition)).toEqual([
      { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['SCANS'] } },
    ]);
  });

  test('what a build left is read by the evaluator alone: it is not scrubbed yet', () => {
    expect(whoMay('s3:GetObject', 'TrustEvidenceUploads/incoming/*')).toEqual(['TrustEvaluatorRole']);
  });

  test.each([
    [
      'TrustRegister',
      ['TrustScannerDispatcherRole', 'TrustScannerProbeRole', 'TrustEvaluatorRole', 'TrustSignerRole'],
    ],
    ['TrustPolicies', ['TrustWaiversRole', 'TrustEvaluatorPolicyRole']],
  ])("%s: by their own policies and by the table's, nobody but %j", (table, writers) => {
    const [only, ...more] = tablePolicy(template, table);
    expect(more).toEqual([]);
    expect(whoMay('dynamodb:PutItem', table)).toEqual(writers);
    expect(only).toMatchObject({ sid: 'OnlyWriters', effect: 'Deny', principal: '*', resources: ['*'] });
    expect(only!.actions).toEqual(
      [
        'BatchWriteItem',
        'DeleteItem',
        'PartiQLDelete',
        'PartiQLInsert',
        'PartiQLUpdate',
        'PutItem',
        'UpdateItem',
      ].map(action => `dynamodb:${action}`),
    );
    expect(exceptedRoles(only!).sort()).toEqual([...writers].sort());
  });

  test('rule 5.11, break-glass: nobody but the granting function writes grants, and it writes nothing else', () => {
    const writes = /:(?:BatchWrite|Delete|PartiQL|Put|Send|Sign|Update)/;
    expect(whoMay('dynamodb:PutItem', 'TrustBreakGlass')).toEqual(['TrustBreakGlassGranterRole']);
    expect(RIGHTS.TrustBreakGlassGranterRole!.filter(each => writes.test(each))).toEqual([
      'Allow dynamodb:PutItem TrustBreakGlass',
      'Allow sqs:SendMessage TrustBreakGlassMessages',
    ]);
  });

  test('nobody deletes from the register', () => {
    expect(whoMay('dynamodb:DeleteItem', 'TrustRegister')).toEqual([]);
    expect(whoMay('dynamodb:BatchWriteItem', 'TrustRegister')).toEqual([]);
  });

  test("a Deny names the session of a role by the role's name, and by no part of a path", () => {
    const [only] = tablePolicy(template, 'TrustPolicies');
    expect([only!.condition.ArnNotLike['aws:PrincipalArn']].flat().map(text)).toEqual([
      'TrustWaiversRole',
      'arn:Partition:sts::AccountId:assumed-role/TrustWaiversRole/*',
      'TrustEvaluatorPolicyRole',
      'arn:Partition:sts::AccountId:assumed-role/TrustEvaluatorPolicyRole/*',
    ]);
  });

  test('an imported role with a path is named as AWS and its session name it', () => {
    const stack = new Stack(new App({ context: FAST }), 'Test', {
      env: { account: '210987654321', region: 'eu-west-1' },
    });
    const trust = new ImageTrust(stack, 'Trust', { repositories: [RepositorySelector.prefix('team/')] });
    trust.register.grantWrite(
      Role.fromRoleArn(stack, 'Signer', 'arn:aws:iam::210987654321:role/platform/signer'),
    );
    const [only] = tablePolicy(Template.fromStack(stack), 'TrustRegister');
    expect([only!.condition.ArnNotLike['aws:PrincipalArn']].flat().map(text).slice(-2)).toEqual([
      'arn:aws:iam::210987654321:role/platform/signer',
      'arn:Partition:sts::210987654321:assumed-role/signer/*',
    ]);
  });

  test('what is durable is written once and never deleted', () => {
    const durable = ['TrustEvidence/scans/*', 'TrustEvidence/verdicts/*', 'TrustEvidence/policies/*'];
    expect(bucketPolicy().find(({ sid }) => sid === 'WriteOnce')).toMatchObject({
      effect: 'Deny',
      principal: '*',
      actions: ['s3:PutObject'],
      resources: durable,
      condition: { Null: { 's3:if-none-match': 'true' } },
    });
    expect(bucketPolicy().find(({ sid }) => sid === 'NoDelete')).toEqual({
      sid: 'NoDelete',
      effect: 'Deny',
      principal: '*',
      actions: ['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:ReplicateDelete'],
      resources: durable,
    });
  });

  test('images are pushed by the signer alone', () => {
    expect(whoMay('ecr:PutImage', ECR)).toEqual(['TrustSignerRole']);
  });

  test('the evaluator publishes verdicts, the signer trust, who publishes waivers their ends, the watcher grants, and nobody anything else', () => {
    expect(
      everyStatement
        .filter(({ actions }) => actions.includes('events:PutEvents'))
        .map(({ role, resources, condition }) => ({ role, resources, condition })),
    ).toEqual([
      {
        role: 'TrustWaiversRole',
        resources: ['TrustEvents'],
        condition: {
          StringEquals: {
            'events:source': 'trusted-images',
            'events:detail-type': ['Waiver Expiring', 'Waivers Rejected', 'Waivers Unused'],
          },
        },
      },
      {
        role: 'TrustEvaluatorRole',
        resources: ['TrustEvents'],
        condition: {
          StringEquals: {
            'events:source': 'trusted-images',
            'events:detail-type': [
              'Image Verdict',
              'Image Scan Failed',
              'Image Revocation Held',
              'Image Revocation Hold Ended',
            ],
          },
        },
      },
      {
        role: 'TrustSignerRole',
        resources: ['TrustEvents'],
        condition: {
          StringEquals: {
            'events:source': 'trusted-images',
            'events:detail-type': ['Image Trusted', 'Image Revoked'],
          },
        },
      },
      {
        role: 'TrustBreakGlassWatcherRole',
        resources: ['TrustEvents'],
        condition: {
          StringEquals: {
            'events:source': 'trusted-images',
            'events:detail-type': ['Break-Glass Granted', 'Break-Glass Used', 'Break-Glass Ended'],
          },
        },
      },
    ]);
    template.hasResourceProperties('AWS::Events::EventBusPolicy', {
      StatementId: 'OnlyProducers',
      Statement: { Effect: 'Deny', Principal: '*', Action: 'events:PutEvents' },
    });
    const [
      {
        Properties: { Statement: only },
      },
    ] = Object.values(template.findResources('AWS::Events::EventBusPolicy')) as [any];
    expect(exceptedRoles(statementsOf({ Statement: [only] })[0]!)).toEqual([
      'TrustWaiversRole',
      'TrustEvaluatorRole',
      'TrustSignerRole',
      'TrustBreakGlassWatcherRole',
    ]);
  });

  test('with nobody to write, everybody is denied: no role can have the name that is left out', () => {
    const stack = newStack();
    new TrustRegister(stack, 'Register');
    const [only] = tablePolicy(Template.fromStack(stack), 'Register');
    expect([only!.condition.ArnNotLike['aws:PrincipalArn']].flat().map(text)).toEqual([
      'arn:Partition:iam::AccountId:role/(nobody)',
    ]);
  });
});

describe('gates and readers', () => {
  const { stack, trust } = trustStack();
  const gate = new Role(stack, 'Gate', { assumedBy: new ServicePrincipal('ecs.amazonaws.com') });
  trust.register.grantRead(gate);
  trust.findings.grantRead(gate);
  trust.evidence.grantRead(gate);
  trust.policies.grantRead(gate);
  const synthesised = Template.fromStack(stack);

  test('can read and nothing else', () => {
    const actions = roleStatements(synthesised)
      .get('Gate')!
      .flatMap(each => each.actions);
    expect([...new Set(actions)].sort()).toEqual([
      'dynamodb:GetItem',
      'dynamodb:Query',
      'kms:Decrypt',
      's3:GetObject',
      's3:ListBucket',
    ]);
  });

  test('do not read what builds left', () => {
    const objects = roleStatements(synthesised)
      .get('Gate')!
      .filter(({ actions }) => actions.includes('s3:GetObject'))
      .flatMap(each => each.resources);
    expect(objects).toEqual([
      'TrustEvidence/scans/*',
      'TrustEvidence/verdicts/*',
      'TrustEvidence/policies/*',
    ]);
  });

  test('are left out of no Deny', () => {
    const denials = [
      ...resourcePolicy(synthesised, 'AWS::S3::BucketPolicy', 'TrustEvidencePolicy'),
      ...tablePolicy(synthesised, 'TrustRegister'),
    ];
    expect(denials.flatMap(exceptedRoles)).not.toContain('Gate');
  });
});

describe('queues and rules', () => {
  test('EventBridge may send to a queue only on behalf of a rule that is named', () => {
    const statements = Object.values(template.findResources('AWS::SQS::QueuePolicy')).flatMap(
      ({ Properties }) => statementsOf(Properties.PolicyDocument),
    );
    const allowed = statements.filter(({ effect }) => effect === 'Allow');
    const rules = ({ condition }: Statement) => [condition.ArnEquals['aws:SourceArn']].flat().map(text);
    expect(
      allowed.map(({ resources, ...each }) => [...resources, ...rules({ resources, ...each })]).sort(),
    ).toEqual(
      [
        ['TrustAlertsEvents', 'TrustEventsAlertVerdict', 'TrustEventsAlertOthers'],
        ['TrustFindingsVerdicts', 'TrustEventsRecordFindings'],
        ['TrustScannerRequests', 'TrustScannerOnPush'],
        ['TrustScannerResults', 'TrustScannerOnBuildEnd'],
        ['TrustSignerKeyChanges', 'TrustSignerKeyChangesRule'],
        ['TrustSignerVerdicts', 'TrustEventsSignVerdict'],
        [
          'TrustFailuresDeadLetters', // what cannot be delivered
          'TrustScannerOnPush',
          'TrustScannerOnBuildEnd',
          'TrustEventsSignVerdict',
          'TrustEventsRecordFindings',
          'TrustEventsAlertVerdict',
          'TrustEventsAlertOthers',
        ],
      ].sort(),
    );
    for (const { principal } of allowed) expect(principal).toBe('events.amazonaws.com');
  });

  test('nobody sends to a queue, or reads one, without TLS', () => {
    for (const { Properties } of Object.values(template.findResources('AWS::SQS::QueuePolicy'))) {
      expect(statementsOf(Properties.PolicyDocument)).toContainEqual(
        expect.objectContaining({
          effect: 'Deny',
          actions: ['sqs:*'],
          condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      );
    }
  });

  test('rule 5.4, closed channels: every event pattern names account and region', () => {
    const patterns = Object.values(template.findResources('AWS::Events::Rule'))
      .map(({ Properties }) => Properties.EventPattern)
      .filter(pattern => pattern !== undefined);
    expect(patterns).toHaveLength(8);
    for (const pattern of patterns) {
      expect(pattern).toMatchObject({
        account: [{ Ref: 'AWS::AccountId' }],
        region: [{ Ref: 'AWS::Region' }],
      });
    }
  });

  test('a rule invokes a function only by its own name', () => {
    for (const { Properties } of Object.values(template.findResources('AWS::Lambda::Permission'))) {
      expect(Properties).toMatchObject({
        Action: 'lambda:InvokeFunction',
        Principal: 'events.amazonaws.com',
        SourceArn: expect.objectContaining({ 'Fn::GetAtt': expect.anything() }),
      });
    }
  });
});

function bucketPolicy(bucket = 'TrustEvidence'): Statement[] {
  return resourcePolicy(template, 'AWS::S3::BucketPolicy', `${bucket}Policy`);
}

function tablePolicy(from: Template, table: string): Statement[] {
  const found = Object.entries(from.findResources('AWS::DynamoDB::GlobalTable')).find(
    ([id]) => id.startsWith(table) && id.length === table.length + 8,
  )!;
  return found[1].Properties.Replicas.flatMap(({ ResourcePolicy }: any) =>
    statementsOf(ResourcePolicy.PolicyDocument),
  );
}
