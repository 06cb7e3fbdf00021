import { Match, Template } from 'aws-cdk-lib/assertions';
import { ImagePolicy, PolicyRule } from '../../src';
import { ExpectedBuild } from '../../src/core/scanning/provenance';
import { text, trustStack } from '../support/synthesise';

describe('by default', () => {
  const { stack, trust, template } = trustStack();
  const variables = (description: string): any =>
    Object.values(template.findResources('AWS::Lambda::Function')).find(({ Properties }) =>
      String(Properties.Description).startsWith(description),
    )!.Properties.Environment.Variables;

  test('the evaluator knows what a build must look like, as the deployment resolves it', () => {
    const expected = variables('Judges images').EXPECTED_BUILD;
    const resolved = JSON.parse(text(expected));
    expect(ExpectedBuild.parse(resolved)).toEqual({
      ...stack.resolve(trust.scanner._expectedBuild),
      project: 'TrustScannerProject',
      serviceRole: 'TrustScannerProjectRole',
      uploadsBucketArn: 'TrustEvidenceUploads',
      sourceLocation: text(stack.resolve(trust.scanner._expectedBuild.sourceLocation)),
    });
  });

  test('the evaluator consumes the results, and nothing else does', () => {
    const consumers = Object.values(template.findResources('AWS::Lambda::EventSourceMapping')).filter(
      ({ Properties }) => text(Properties.EventSourceArn) === 'TrustScannerResults',
    );
    expect(consumers.map(({ Properties }) => text(Properties.FunctionName))).toEqual(['TrustEvaluator']);
  });

  test('a policy is published when bucket, table and function are there', () => {
    const [{ DependsOn, Properties }] = Object.values(
      template.findResources('Custom::TrustedImagesPolicy'),
    ) as [any];
    const after = DependsOn.map((id: string) => id.slice(0, -8));
    expect(after).toEqual(
      expect.arrayContaining([
        'TrustEvidence',
        'TrustEvidencePolicy',
        'TrustPolicies',
        'TrustEvaluatorPolicyProviderframeworkonEvent',
      ]),
    );
    expect(Properties.Policy).toBe(ImagePolicy.standard()._render());
  });

  test('a build that is not believed wakes somebody within a minute', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'TrustedImages',
      MetricName: 'ProvenanceFailure',
      Period: 60,
      Threshold: 0,
      EvaluationPeriods: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      AlarmActions: [Match.anyValue()],
    });
  });

  test.each([
    ['VerdictPass', 'metricPass'],
    ['VerdictFail', 'metricFail'],
    ['ScanFailed', 'metricScanFailed'],
    ['ProvenanceFailure', 'metricProvenanceFailure'],
  ] as const)('%s is a metric', (name, method) => {
    expect(trust.evaluator[method]()).toMatchObject({
      namespace: 'TrustedImages',
      metricName: name,
      statistic: 'Sum',
    });
    expect(trust.evaluator[method]({ statistic: 'Maximum' })).toMatchObject({
      metricName: name,
      statistic: 'Maximum',
    });
  });
});

test('another policy changes no function: only what is published', () => {
  const functionsOf = (template: Template) => template.findResources('AWS::Lambda::Function');
  const policy = ImagePolicy.standard().plus(PolicyRule.secrets().warns());
  expect(functionsOf(trustStack({ policy }).template)).toEqual(functionsOf(trustStack().template));
});
