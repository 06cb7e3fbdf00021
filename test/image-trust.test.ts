import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import {
  AlertTopic,
  EvidenceBucket,
  ImageAttestation,
  ImagePolicy,
  ImageTrust,
  PolicyRule,
  RepositorySelector,
  SignedManifests,
  SigningKey,
  TrustedRepository,
} from '../src';
import { environmentOf, nameOf, newStack, resourcePolicy, text, trustStack } from './support/synthesise';
import { FUNCTION_RUNTIME } from '../src/core/function-runtime';

/** What `cdk init` writes into a new app. */
const RECOMMENDED: Record<string, unknown> = JSON.parse(
  readFileSync(
    join(require.resolve('aws-cdk-lib/package.json'), '..', 'recommended-feature-flags.json'),
    'utf8',
  ),
);
const KEPT = ['AWS::DynamoDB::GlobalTable', 'AWS::S3::Bucket', 'AWS::KMS::Key'];

describe('by default', () => {
  const { trust, template } = trustStack();

  test('every stage is there', () => {
    const { scanner, evaluator, waivers, signer, register, policies, findings, evidence, events, alerts } =
      trust;
    const stages = [
      scanner,
      evaluator,
      waivers,
      signer,
      register,
      policies,
      findings,
      evidence,
      events,
      alerts,
    ];
    for (const stage of stages) expect(stage.node.scope).toBe(trust);
    template.resourceCountIs('AWS::CodeBuild::Project', 1);
    template.resourceCountIs('AWS::Events::EventBus', 1);
    template.resourceCountIs('Custom::TrustedImagesPolicy', 1);
  });

  test('nothing outlives a first deployment that failed, or the next one would find its name taken', () => {
    const resources = Object.values(template.toJSON().Resources as Record<string, any>);
    const kept = resources.filter(({ DeletionPolicy }) => DeletionPolicy?.startsWith('Retain') === true);
    expect(kept.length).toBeGreaterThan(0);
    for (const { DeletionPolicy, UpdateReplacePolicy } of kept) {
      expect({ DeletionPolicy, UpdateReplacePolicy }).toEqual({
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
      });
    }
  });

  test('what is on record stays when the stack goes', () => {
    const kept = KEPT.flatMap(type => Object.entries(template.findResources(type))).filter(
      ([, { DeletionPolicy }]) => DeletionPolicy === 'RetainExceptOnCreate',
    );
    expect(kept.map(([id]) => nameOf(id)).sort()).toEqual([
      'TrustEvidence',
      'TrustEvidenceKey',
      'TrustEvidenceUploads',
      'TrustFindings',
      'TrustPolicies',
      'TrustRegister',
      'TrustSigningKey',
      'TrustWaivers',
    ]);
    template.resourceCountIs('Custom::S3AutoDeleteObjects', 0);
  });

  test('the active policy is the standard one', () => {
    template.hasResourceProperties('Custom::TrustedImagesPolicy', {
      Policy: ImagePolicy.standard()._render(),
    });
  });

  test('every alarm reaches people', () => {
    const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(
      ({ Properties }) => Properties,
    );
    expect(alarms).toHaveLength(10); // one is of the gate
    for (const { AlarmActions } of alarms) expect(AlarmActions.map(text)).toEqual(['TrustAlertsTopic']);
    expect(
      Object.keys(template.findResources('AWS::CloudWatch::Alarm'))
        .map(nameOf)
        .filter(id => id.startsWith('TrustSigner')),
    ).toEqual(['TrustSignerKeyChangesAlarm']);
  });

  test('people hear of it when a gate does not close', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'TrustedImages',
      MetricName: 'RefusalsIgnored',
      Statistic: 'Sum',
      Period: 60,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    });
  });

  test('reconcile also finds missing signatures, and requests them in the queue of verdicts', () => {
    expect(environmentOf(template, 'Finds images').SIGN_REQUESTS_QUEUE_URL).toBe('TrustSignerVerdicts');
    expect(environmentOf(template, 'Signs images').QUEUE_URL).toBe('TrustSignerVerdicts');
  });

  test('every function runs on Graviton, on the runtime that its bundle was tested on, with logs that end', () => {
    const functions = Object.values(template.findResources('AWS::Lambda::Function'))
      .map(({ Properties }) => Properties)
      .filter(({ Description }) => !String(Description).startsWith('AWS CDK'));
    expect(functions).toHaveLength(11); // two are of the gate
    for (const { Architectures, Runtime, LoggingConfig, ReservedConcurrentExecutions } of functions) {
      expect({ Architectures, Runtime, ReservedConcurrentExecutions }).toEqual({
        Architectures: ['arm64'],
        Runtime: FUNCTION_RUNTIME,
      });
      expect(LoggingConfig.LogGroup).toBeDefined();
    }
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 90 });
  });

  test('every variable that a handler reads is set', () => {
    for (const { Properties } of Object.values(template.findResources('AWS::Lambda::Function'))) {
      for (const [name, value] of Object.entries(Properties.Environment?.Variables ?? {})) {
        expect([name, value]).not.toEqual([name, '']);
      }
    }
  });
});

describe('overrides', () => {
  test('DESTROY leaves nothing: the bucket is emptied, nothing is protected', () => {
    const { template } = trustStack({ removalPolicy: RemovalPolicy.DESTROY });
    for (const type of KEPT) {
      for (const { DeletionPolicy } of Object.values(template.findResources(type))) {
        expect(DeletionPolicy).toBe('Delete');
      }
    }
    template.resourceCountIs('Custom::S3AutoDeleteObjects', 3);
    expect(JSON.stringify(template.findResources('AWS::DynamoDB::GlobalTable'))).not.toContain(
      '"DeletionProtectionEnabled":true',
    );
    expect(JSON.stringify(template.findResources('AWS::S3::BucketPolicy'))).not.toContain('NoDelete');
  });

  test('policy and topics of alerts', () => {
    const policy = ImagePolicy.of({ name: 'strict', rules: [PolicyRule.secrets()] });
    const { template } = trustStack({ policy, alertTopics: [AlertTopic.chat()] });
    template.hasResourceProperties('Custom::TrustedImagesPolicy', { Policy: policy._render() });
    expect(environmentOf(template, 'Sends alerts').ALERT_TOPICS).toBe(
      '[{"arn":"TrustAlertsChatTopic","format":"CHAT"}]',
    );
  });

  test('how images are signed', () => {
    const { trust, template } = trustStack({
      signing: { signedManifests: SignedManifests.ALL, attestations: [ImageAttestation.VERDICT] },
    });
    expect(trust.signer.key.node.id).toBe('SigningKey');
    expect(JSON.parse(environmentOf(template, 'Signs images').SIGN_OPTIONS)).toEqual({
      manifests: 'ALL',
      attestations: ['VERDICT'],
    });
  });

  test('a signing key of your own is the only one, and people hear of its changes', () => {
    const stack = newStack();
    const key = new SigningKey(stack, 'Own', { aliasName: 'images' });
    const trust = new ImageTrust(stack, 'Trust', {
      repositories: [RepositorySelector.all()],
      signing: { key },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    expect(trust.signer.key).toBe(key);
    const template = Template.fromStack(stack);
    template.resourcePropertiesCountIs('AWS::KMS::Key', { KeySpec: 'ECC_NIST_P256' }, 1);
    template.hasResource('AWS::KMS::Key', {
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: { KeySpec: 'ECC_NIST_P256' },
    });
    const [
      {
        Properties: { EventPattern },
      },
    ] = Object.values(
      template.findResources('AWS::Events::Rule', { Properties: { EventPattern: { source: ['aws.kms'] } } }),
    ) as [any];
    expect(EventPattern.detail.resources.ARN.map(text)).toEqual([
      'Own',
      'arn:Partition:kms:Region:AccountId:alias/images',
    ]);
  });

  test('an evidence bucket of your own is the only one', () => {
    const stack = newStack();
    const evidence = new EvidenceBucket(stack, 'Own');
    const trust = new ImageTrust(stack, 'Trust', { repositories: [RepositorySelector.all()], evidence });
    expect(trust.evidence).toBe(evidence);
    Template.fromStack(stack).resourceCountIs('AWS::S3::Bucket', 3); // with that of uploads, and that of the waivers
  });

  test('an evidence bucket of another stack is refused', () => {
    const stack = newStack();
    const evidence = new EvidenceBucket(new Stack(stack.node.root as App, 'Other'), 'Evidence');
    expect(
      () => new ImageTrust(stack, 'Trust', { repositories: [RepositorySelector.all()], evidence }),
    ).toThrow(
      'the evidence bucket Other/Evidence is in the stack Other and its trust in Test, allowed: the same stack, because each refers to the other',
    );
  });

  test('the team is notified', () => {
    const { trust, stack } = trustStack();
    trust.alerts.addSubscription(new EmailSubscription('platform@example.com'));
    Template.fromStack(stack).hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'platform@example.com',
    });
  });

  test('without a selector it is refused', () => {
    expect(() => trustStack({ repositories: [] })).toThrow(
      'no repository is selected, allowed: at least one',
    );
  });
});

describe('how much it is', () => {
  const count = (template: Template) => Object.keys(template.toJSON().Resources).length;

  test('a repository more is one resource more', () => {
    const { stack, trust } = trustStack();
    const many = Array.from({ length: 20 }, (_, index) =>
      trust.addRepository(`Repository${index}`, { repositoryName: `team/app-${index}` }),
    );
    expect(many[0]).toBeInstanceOf(TrustedRepository);
    expect(count(Template.fromStack(stack))).toBe(count(trustStack().template) + 20);
  });

  test('how many repositories a selector selects changes nothing, and neither do four selectors', () => {
    const selectors = Array.from({ length: 4 }, (_, index) => RepositorySelector.prefix(`team-${index}/`));
    expect(count(trustStack({ repositories: selectors }).template)).toBe(count(trustStack().template));
    expect(count(trustStack({ repositories: [RepositorySelector.all()] }).template)).toBe(
      count(trustStack().template),
    );
  });

  test('a repository that is added lives as long as the rest', () => {
    const { stack, trust } = trustStack({ removalPolicy: RemovalPolicy.DESTROY });
    trust.addRepository('App');
    trust.addRepository('Kept', { removalPolicy: RemovalPolicy.RETAIN });
    const policies = Object.entries(Template.fromStack(stack).findResources('AWS::ECR::Repository'))
      .filter(([id]) => !id.startsWith('TrustScannerProbe'))
      .map(([, { DeletionPolicy }]) => DeletionPolicy);
    expect(policies).toEqual(['Delete', 'Retain']);
  });
});

describe('where it lives', () => {
  test('two in one stack have nothing in common but the account', () => {
    const stack = newStack();
    new ImageTrust(stack, 'One', { repositories: [RepositorySelector.prefix('one/')] });
    const gate = { gateName: 'two' };
    new ImageTrust(stack, 'Two', { repositories: [RepositorySelector.prefix('two/')], gate });
    const resources = Object.entries(Template.fromStack(stack).toJSON().Resources as Record<string, any>);
    for (const [id, resource] of resources) {
      if (id.startsWith('One')) {
        expect(JSON.stringify(resource.Properties)).not.toMatch(/"(?:Ref|Fn::GetAtt)":\[?"Two/);
      }
    }
    expect(resources.filter(([id]) => id.startsWith('One')).length).toBe(
      resources.filter(([id]) => id.startsWith('Two')).length,
    );
  });

  test('in a stack that knows its account and region, patterns name these', () => {
    const stack = new Stack(new App({ context: { 'aws:cdk:disable-asset-staging': true } }), 'Known', {
      env: { account: '123456789012', region: 'eu-west-1' },
    });
    new ImageTrust(stack, 'Trust', { repositories: [RepositorySelector.prefix('team/')] });
    Template.fromStack(stack).hasResourceProperties('AWS::Events::Rule', {
      EventPattern: Match.objectLike({
        source: ['aws.ecr'],
        account: ['123456789012'],
        region: ['eu-west-1'],
      }),
    });
  });

  test.each<[string, Record<string, unknown>]>([
    ['none', {}],
    ['those that cdk init recommends', RECOMMENDED],
    [
      'all of them off',
      Object.fromEntries(
        Object.entries(RECOMMENDED)
          .filter(([, value]) => value === true)
          .map(([flag]) => [flag, false]),
      ),
    ],
  ])('feature flags: with %s, the same resources, and the same who may sign', (_which, flags) => {
    const { template } = trustStack({}, flags);
    const types = (of: Template) =>
      Object.values(of.toJSON().Resources as Record<string, any>)
        .map(({ Type }) => Type)
        .sort();
    expect(types(template)).toEqual(types(trustStack().template));
    const maySign = (of: Template) => resourcePolicy(of, 'AWS::KMS::Key', 'TrustSigningKey', 'KeyPolicy');
    expect(maySign(template)).toEqual(maySign(trustStack().template));
  });
});
