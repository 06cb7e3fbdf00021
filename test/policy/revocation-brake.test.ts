import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { RevocationBrake } from '../../src';
import { environmentOf, roleStatements, trustStack } from '../support/synthesise';

describe('the brake on revocations (rule 5.13, the brake)', () => {
  test('is off by default, and adds nothing then', () => {
    const plain = trustStack();
    const none = trustStack({ revocationBrake: RevocationBrake.NONE });
    expect(none.template.toJSON()).toEqual(plain.template.toJSON());
    expect(JSON.stringify(plain.template.toJSON())).not.toContain('REVOCATION_BRAKE_PERCENT');
    expect(() => plain.trust.evaluator.grantReleaseBrake(plain.trust.scanner.project)).toThrow(
      'Test/Trust/Evaluator has no brake on revocations, required: revocationBrake, for example RevocationBrake.above(20)',
    );
  });

  test.each([0, -1, 100, NaN, Infinity])('above(%p) is refused', percent => {
    expect(() => RevocationBrake.above(percent)).toThrow(/^the brake on revocations is above .* percent/);
  });

  const { template } = trustStackWithRelease();
  const statements = [...roleStatements(template)];
  const of = (role: string) => statements.find(([name]) => name === role)?.[1] ?? [];

  test('evaluator and reconcile know it', () => {
    for (const description of ['Judges images', 'Finds images whose', 'Releases the brake']) {
      expect(environmentOf(template, description)).toMatchObject({ REVOCATION_BRAKE_PERCENT: '20' });
    }
  });

  test('who releases it changes its row and nothing else of the register, records that, and publishes it', () => {
    const release = of('TrustEvaluatorBrakeRole').map(({ actions, resources, condition }) => ({
      actions,
      resources,
      condition,
    }));
    expect(release).toContainEqual({
      actions: ['dynamodb:GetItem', 'dynamodb:PutItem'],
      resources: ['TrustRegister'],
      condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['BRAKE'] } },
    });
    expect(release).toContainEqual({
      actions: ['s3:PutObject'],
      resources: ['TrustEvidence/policies/brake/*'],
      condition: undefined,
    });
    expect(release).toContainEqual({
      actions: ['events:PutEvents'],
      resources: ['TrustEvents'],
      condition: {
        StringEquals: {
          'events:source': 'trusted-images',
          'events:detail-type': ['Revocation Brake Released'],
        },
      },
    });
    expect([...new Set(release.flatMap(({ actions }) => actions))].sort()).toEqual([
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'events:PutEvents',
      'kms:Decrypt',
      'kms:GenerateDataKey',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      's3:PutObject',
      'sqs:GetQueueAttributes',
      'sqs:GetQueueUrl',
      'sqs:SendMessage',
    ]);
  });

  test('reconcile counts what passed in a row of its own, and cannot pull or release it', () => {
    const writing = of('TrustScannerReconcilerRole').filter(({ actions }) =>
      actions.includes('dynamodb:PutItem'),
    );
    expect(writing).toMatchObject([
      { condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['PASSED'] } } },
    ]);
  });

  test('nobody releases it but whom the app names, and by the URL only', () => {
    const calling = statements.flatMap(([role, each]) =>
      each
        .filter(
          ({ actions, resources }) =>
            actions.includes('lambda:InvokeFunctionUrl') && resources.some(name => name.includes('Brake')),
        )
        .map(({ condition }) => ({ role, condition })),
    );
    expect(calling).toEqual([
      { role: 'OnCall', condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } } },
    ]);
  });
});

function trustStackWithRelease() {
  const made = trustStack({ revocationBrake: RevocationBrake.above(20) });
  const assumedBy = new ServicePrincipal('ec2.amazonaws.com');
  made.trust.evaluator.grantReleaseBrake(new Role(made.stack, 'OnCall', { assumedBy }));
  return made;
}
