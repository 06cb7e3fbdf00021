import { Duration, type Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Alias, Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import {
  EvidenceBucket,
  ImageAttestation,
  ImageSigner,
  RepositorySelector,
  SignedManifests,
  SigningKey,
  TrustEvents,
  TrustRegister,
  type ImageSignerProps,
} from '../../src';
import { PinnedKeys } from '../../src/core/signing/pinned-keys';
import {
  PUSH,
  environmentOf,
  exceptedRoles,
  newStack,
  resourcePolicy,
  roleStatements,
  text,
  type Statement,
} from '../support/synthesise';

/** Amazon ECR lets an account call PutImage ten times a second, whoever pushes. */
const PUT_IMAGE_OF_THE_ACCOUNT = 10;

interface Signer {
  readonly stack: Stack;
  readonly signer: ImageSigner;
  readonly template: Template;
}

function signerStack(
  props: (stack: Stack) => Partial<ImageSignerProps> = () => ({}),
  stack = newStack(),
): Signer {
  const signer = new ImageSigner(stack, 'Signer', {
    repositories: [RepositorySelector.prefix('team/')],
    register: new TrustRegister(stack, 'Register'),
    evidence: new EvidenceBucket(stack, 'Evidence'),
    events: new TrustEvents(stack, 'Events'),
    ...props(stack),
  });
  return {
    stack,
    signer,
    get template() {
      return Template.fromStack(stack);
    },
  };
}

const environment = (template: Template) => environmentOf(template, 'Signs images');
const rights = (template: Template): Statement[] => roleStatements(template).get('SignerRole')!;
const former = (stack: Stack, id: string) =>
  Key.fromKeyArn(stack, id, `arn:aws:kms:eu-west-1:123456789012:key/${id}`);

describe('by default', () => {
  const { stack, signer, template } = signerStack();

  test('every verdict, changed or not, whatever it says, is looked at', () => {
    template.resourcePropertiesCountIs('AWS::Events::Rule', { EventBusName: Match.anyValue() }, 1);
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['trusted-images'],
        'detail-type': ['Image Verdict'],
        account: [{ Ref: 'AWS::AccountId' }],
        region: [{ Ref: 'AWS::Region' }],
        detail: Match.absent(),
      },
      Targets: [
        {
          Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^SignerVerdicts'), 'Arn'] },
          DeadLetterConfig: {
            Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^FailuresDeadLetters'), 'Arn'] },
          },
        },
      ],
    });
  });

  test('a verdict is hidden for longer than its signature takes, and comes back often: a busy registry is no failure', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      Description: 'Signs images that passed policy',
      Timeout: 120,
    });
    template.hasResourceProperties('AWS::SQS::Queue', {
      VisibilityTimeout: 150,
      MessageRetentionPeriod: 1_209_600,
      SqsManagedSseEnabled: true,
      RedrivePolicy: { deadLetterTargetArn: Match.anyValue(), maxReceiveCount: 100 },
    });
  });

  test('it takes three tenths of what the account may push, all copies together', () => {
    const [
      {
        Properties: { ScalingConfig, EventSourceArn, FunctionResponseTypes },
      },
    ] = Object.values(template.findResources('AWS::Lambda::EventSourceMapping')) as [any];
    expect({
      queue: text(EventSourceArn),
      copies: ScalingConfig.MaximumConcurrency,
      FunctionResponseTypes,
    }).toEqual({ queue: 'SignerVerdicts', copies: 2, FunctionResponseTypes: ['ReportBatchItemFailures'] });
    expect(environment(template).PUT_IMAGE_PER_SECOND).toBe('1.5');
    expect(ScalingConfig.MaximumConcurrency * Number(environment(template).PUT_IMAGE_PER_SECOND)).toBeCloseTo(
      0.3 * PUT_IMAGE_OF_THE_ACCOUNT,
    );
  });

  test('it is told where everything is, and nothing more', () => {
    expect(environment(template)).toEqual({
      POWERTOOLS_SERVICE_NAME: expect.stringMatching(/^TestRegister\w{8}$/),
      METRICS: expect.any(String),
      REGISTER_TABLE: 'Register',
      EVIDENCE_BUCKET: 'Evidence',
      EVENT_BUS: 'Events',
      QUEUE_URL: 'SignerVerdicts',
      DLQ_URL: 'FailuresDeadLetters',
      SIGNING_KEY_ARN: 'SignerKey',
      SIGN_OPTIONS: '{"manifests":"TOP","attestations":[]}',
      PUT_IMAGE_PER_SECOND: '1.5',
      URL_SUFFIX: 'URLSuffix',
    });
  });

  test('it reads verdicts, and neither scans nor policies', () => {
    expect(evidenceRights(template)).toEqual(['s3:GetObject Evidence/verdicts/*', 's3:ListBucket Evidence']);
  });

  test('it pushes to the repositories selected, and to no others', () => {
    expect(
      rights(template).filter(({ actions }) => actions.some(action => action.startsWith('ecr:'))),
    ).toEqual([
      {
        sid: undefined,
        effect: 'Allow',
        actions: PUSH,
        resources: ['arn:Partition:ecr:Region:AccountId:repository/team/*'],
      },
    ]);
  });

  test('its key lets it sign, and it publishes trust and no verdicts', () => {
    const [, only, , sign, ...more] = resourcePolicy(template, 'AWS::KMS::Key', 'SignerKey', 'KeyPolicy');
    expect(more).toEqual([]);
    expect(exceptedRoles(only!)).toEqual(['SignerRole']);
    expect(sign).toMatchObject({ effect: 'Allow', principal: 'SignerRole', actions: ['kms:Sign'] });
    expect(
      rights(template)
        .filter(({ actions }) => actions.includes('events:PutEvents'))
        .map(({ condition }) => condition),
    ).toEqual([
      {
        StringEquals: {
          'events:source': 'trusted-images',
          'events:detail-type': ['Image Trusted', 'Image Revoked'],
        },
      },
    ]);
  });

  test('dead letters, errors and changes of the key have alarms', () => {
    expect(signer.alarms.map(({ node }) => node.path)).toEqual([
      'Test/Failures/Messages',
      'Test/Failures/Errors',
      'Test/Signer/KeyChanges/Alarm',
    ]);
  });

  test('gates believe its key, as long as it is there', () => {
    expect(text(stack.resolve(signer._pins(stack).document))).toBe('[{"arn":"SignerKey"}]');
  });
});

describe('options', () => {
  test('images of platforms, and attestations, each once', () => {
    const attestations = [ImageAttestation.SBOM, ImageAttestation.VERDICT, ImageAttestation.SBOM];
    const { template } = signerStack(() => ({ signedManifests: SignedManifests.ALL, attestations }));
    expect(JSON.parse(environment(template).SIGN_OPTIONS)).toEqual({
      manifests: 'ALL',
      attestations: ['SBOM', 'VERDICT'],
    });
  });

  test.each([
    [[ImageAttestation.VERDICT], ['verdicts']],
    [[ImageAttestation.VULNERABILITIES], ['scans', 'verdicts']],
    [[ImageAttestation.SBOM], ['scans', 'verdicts']],
  ])('to attest %j it reads %j', (attestations, prefixes) => {
    expect(evidenceRights(signerStack(() => ({ attestations })).template)).toEqual([
      ...prefixes.map(prefix => `s3:GetObject Evidence/${prefix}/*`),
      's3:ListBucket Evidence',
    ]);
  });

  test('a key of your own is the only one, and lets it sign', () => {
    const { signer, template } = signerStack(stack => ({
      key: new SigningKey(stack, 'Own', { aliasName: 'images' }),
    }));
    expect(signer.key.aliasName).toBe('alias/images');
    template.resourcePropertiesCountIs('AWS::KMS::Key', { KeySpec: 'ECC_NIST_P256' }, 1);
    expect(environment(template).SIGNING_KEY_ARN).toBe('Own');
    expect(exceptedRoles(resourcePolicy(template, 'AWS::KMS::Key', 'Own', 'KeyPolicy')[1]!)).toEqual([
      'SignerRole',
    ]);
  });

  test('by tag: it pushes only to what carries it', () => {
    const { template } = signerStack(() => ({ repositories: [RepositorySelector.tag('trusted', 'yes')] }));
    expect(rights(template)).toContainEqual({
      sid: undefined,
      effect: 'Allow',
      actions: PUSH,
      resources: ['arn:Partition:ecr:Region:AccountId:repository/*'],
      condition: { StringEquals: { 'ecr:ResourceTag/trusted': 'yes' } },
    });
  });

  test('in a VPC of your own: Lambda may attach the function, the code in it may not', () => {
    const { template } = signerStack(stack => ({
      network: {
        vpc: Vpc.fromVpcAttributes(stack, 'Vpc', {
          vpcId: 'vpc-1',
          availabilityZones: ['a'],
          privateSubnetIds: ['subnet-1'],
        }),
      },
    }));
    template.hasResourceProperties('AWS::Lambda::Function', { VpcConfig: { SubnetIds: ['subnet-1'] } });
    const [allow, deny, ...more] = rights(template).filter(({ actions }) => actions[0]!.startsWith('ec2:'));
    expect([allow!.effect, deny!.effect, deny!.condition, more]).toEqual([
      'Allow',
      'Deny',
      { Null: { 'lambda:SourceFunctionArn': 'false' } },
      [],
    ]);
    for (const { Properties } of Object.values(template.findResources('AWS::IAM::Role'))) {
      expect(Properties.ManagedPolicyArns).toBeUndefined();
    }
  });
});

describe('former keys', () => {
  const { stack, signer } = signerStack(app => ({
    formerKeys: [
      { key: former(app, 'one'), acceptedUntil: '2027-01-31T00:00:00Z' },
      { key: former(app, 'two'), acceptedUntil: '2027-02-28T12:00:00+02:00' },
    ],
  }));

  test('are believed until a time, in a form that gates read', () => {
    const pinned = JSON.parse(text(stack.resolve(signer._pins(stack).document)));
    expect(pinned).toEqual([
      { arn: 'SignerKey' },
      { arn: 'arn:aws:kms:eu-west-1:123456789012:key/one', acceptedUntil: '2027-01-31T00:00:00.000Z' },
      { arn: 'arn:aws:kms:eu-west-1:123456789012:key/two', acceptedUntil: '2027-02-28T10:00:00.000Z' },
    ]);
    expect(PinnedKeys.safeParse(pinned.slice(1)).success).toBe(true);
  });

  test('sign nothing more, and whoever verifies may fetch them', () => {
    signer.grantVerify(new Role(stack, 'Gate', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }));
    const roles = roleStatements(Template.fromStack(stack));
    expect(
      roles.get('Gate')!.map(({ actions, resources }) => `${actions.join(' ')}: ${resources.join(' ')}`),
    ).toEqual(
      [
        'SignerKey',
        'arn:aws:kms:eu-west-1:123456789012:key/one',
        'arn:aws:kms:eu-west-1:123456789012:key/two',
      ].map(key => `kms:DescribeKey kms:GetPublicKey: ${key}`),
    );
    expect(JSON.stringify(roles.get('SignerRole'))).not.toContain('key/one');
  });

  test.each([
    '',
    'next week',
    '1/2/2027',
    '2027-13-01T00:00:00Z',
    '2027-02-30T00:00:00Z',
    '2027-02-29T00:00:00Z',
    '2027-04-31T23:59:59+02:00',
    '2027-01-00T00:00:00Z',
    '2027-01-31',
  ])('%j is not a time', acceptedUntil => {
    expect(() => signerStack(app => ({ formerKeys: [{ key: former(app, 'one'), acceptedUntil }] }))).toThrow(
      `acceptedUntil ${JSON.stringify(acceptedUntil)} is not a time, allowed: ISO 8601, for example "2027-01-31T00:00:00Z"`,
    );
  });
});

describe('former keys that are no use', () => {
  const until = (acceptedUntil: string) =>
    signerStack(app => ({ formerKeys: [{ key: former(app, 'one'), acceptedUntil }] })).stack;
  const warnings = (stack: Stack) =>
    Annotations.fromStack(stack)
      .findWarning('*', Match.stringLikeRegexp('former signing key'))
      .map(({ entry }) => String(entry.data));

  test('one whose time is over is a warning, since time passes by itself', () => {
    expect(warnings(until('2026-01-31T00:00:00Z'))).toEqual([
      'gates accepted the former signing key "arn:aws:kms:eu-west-1:123456789012:key/one" until 2026-01-31T00:00:00Z: remove it from formerKeys [ack: cdk-trusted-images:formerKeyPast]',
    ]);
    expect(warnings(until('2127-02-28T00:00:00Z'))).toEqual([]);
  });

  test('29 February is a time where there is one', () => {
    expect(() => until('2128-02-29T00:00:00Z')).not.toThrow();
  });

  test('the present key is not a former one', () => {
    const own = (stack: Stack) => {
      const key = new SigningKey(stack, 'Own');
      return { key, formerKeys: [{ key: key.key, acceptedUntil: '2127-01-31T00:00:00Z' }] };
    };
    expect(() => signerStack(own)).toThrow(
      /^the former signing key \{"Fn::GetAtt":\["Own\w{8}","Arn"\]\} is the current one, allowed: earlier signing keys$/,
    );
  });

  test.each([
    ['one that encrypts', {}, 'SYMMETRIC_DEFAULT for ENCRYPT_DECRYPT'],
    [
      'one that makes MACs',
      { keySpec: KeySpec.HMAC_256, keyUsage: KeyUsage.GENERATE_VERIFY_MAC },
      'HMAC_256 for GENERATE_VERIFY_MAC',
    ],
    [
      'another curve',
      { keySpec: KeySpec.ECC_NIST_P384, keyUsage: KeyUsage.SIGN_VERIFY },
      'ECC_NIST_P384 for SIGN_VERIFY',
    ],
  ])('%s never signed', (_one, props, shown) => {
    expect(() =>
      signerStack(stack => ({
        formerKeys: [{ key: new Key(stack, 'Wrong', props), acceptedUntil: '2127-01-31T00:00:00Z' }],
      })),
    ).toThrow(
      `the former signing key Test/Wrong is ${shown}, allowed: ECC_NIST_P256 for SIGN_VERIFY, as SigningKey makes it`,
    );
  });

  test('an alias can be moved', () => {
    expect(() =>
      signerStack(stack => ({
        formerKeys: [
          { key: Alias.fromAliasName(stack, 'Alias', 'alias/images'), acceptedUntil: '2127-01-31T00:00:00Z' },
        ],
      })),
    ).toThrow(/is an alias, allowed: the key itself, by Key\.fromKeyArn\(\)/);
  });
});

test.each([
  ['with summaries it may delete what it replaces', [ImageAttestation.SUMMARY], true],
  ['without, it may delete nothing', [ImageAttestation.VERDICT, ImageAttestation.SBOM], false],
])('%s', (_what, attestations, deletes) => {
  const [inRegistry, ...others] = rights(signerStack(() => ({ attestations })).template).filter(
    ({ actions }) => actions.includes('ecr:PutImage') || actions.includes('ecr:BatchDeleteImage'),
  );
  expect(others).toEqual([]);
  expect(inRegistry!.actions.includes('ecr:BatchDeleteImage')).toBe(deletes);
  expect(text(inRegistry!.resources)).toContain('repository/team/*');
});

describe('attestations that indexes have none of', () => {
  const warned = (props: Partial<ImageSignerProps>) =>
    Annotations.fromStack(signerStack(() => props).stack).findWarning(
      '*',
      Match.stringLikeRegexp('attestationsOfIndexes'),
    ).length;

  test.each([
    ['asked for, and no image of an index is signed', { attestations: [ImageAttestation.SBOM] }, 1],
    [
      'the same, said outright',
      {
        attestations: [ImageAttestation.VERDICT, ImageAttestation.VULNERABILITIES],
        signedManifests: SignedManifests.TOP,
      },
      1,
    ],
    [
      'asked for, and images of an index are signed',
      { attestations: [ImageAttestation.SBOM], signedManifests: SignedManifests.ALL },
      0,
    ],
    ['the verdict alone', { attestations: [ImageAttestation.VERDICT] }, 0],
    ['none', {}, 0],
  ])('%s', (_asked, props, warnings) => {
    expect(warned(props)).toBe(warnings);
  });
});

describe('metrics', () => {
  test('how many statements were signed, by this signer', () => {
    const { stack, signer, template } = signerStack();
    expect(stack.resolve(signer.metricSigned())).toMatchObject({
      namespace: 'TrustedImages',
      metricName: 'ImagesSigned',
      statistic: 'Sum',
      period: Duration.minutes(5),
      dimensions: { service: environment(template).POWERTOOLS_SERVICE_NAME },
    });
    expect(signer.metricSigned({ statistic: 'SampleCount', period: Duration.hours(1) })).toMatchObject({
      statistic: 'SampleCount',
      period: Duration.hours(1),
      metricName: 'ImagesSigned',
    });
  });
});

function evidenceRights(template: Template): string[] {
  return rights(template)
    .flatMap(({ actions, resources }) =>
      actions.flatMap(action => resources.map(resource => `${action} ${resource}`)),
    )
    .filter(right => right.startsWith('s3:'))
    .sort();
}
