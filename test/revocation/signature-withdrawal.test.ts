import { Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { RepositorySelector, SignatureWithdrawal, SignedManifests } from '../../src';
import { environmentOf, rightsOf, roleStatements, trustStack } from '../support/synthesise';

function withdrawalStack(props: Parameters<typeof trustStack>[0] = {}) {
  const made = trustStack(props);
  const { signer, register, events, alerts } = made.trust;
  new SignatureWithdrawal(made.stack, 'Withdrawal', { signer, register, events, alerts });
  return made;
}

const REPOSITORY = 'arn:Partition:ecr:Region:AccountId:repository/team/*';

test('rule 5.3, separation of duties: it may delete in enrolled repositories, and neither sign nor push nor write the register', () => {
  const { template } = withdrawalStack();
  expect(rightsOf(roleStatements(template).get('WithdrawalRole')!)).toEqual([
    'Allow dynamodb:DeleteItem WithdrawalSent',
    'Allow dynamodb:GetItem TrustRegister',
    'Allow dynamodb:GetItem WithdrawalSent',
    'Allow dynamodb:PutItem WithdrawalSent',
    'Allow dynamodb:UpdateItem WithdrawalSent',
    `Allow ecr:BatchDeleteImage ${REPOSITORY}`,
    `Allow ecr:BatchGetImage ${REPOSITORY}`,
    `Allow ecr:GetDownloadUrlForLayer ${REPOSITORY}`,
    'Allow events:PutEvents TrustEvents',
    'Allow kms:Decrypt TrustAlertsKey',
    'Allow kms:DescribeKey TrustSigningKey',
    'Allow kms:GenerateDataKey TrustAlertsKey',
    'Allow kms:GetPublicKey TrustSigningKey',
    'Allow sns:Publish TrustAlertsTopic',
    'Allow sqs:SendMessage WithdrawalEvents',
    'Allow sqs:SendMessage WithdrawalEventsDeadLetters',
  ]);
});

test('rule 5.4, closed channels: it publishes its own event alone', () => {
  const { template } = withdrawalStack();
  const published = roleStatements(template)
    .get('WithdrawalRole')!
    .filter(({ actions }) => actions.includes('events:PutEvents'));
  expect(published).toMatchObject([
    { condition: { StringEquals: { 'events:detail-type': ['Image Signatures Withdrawn'] } } },
  ]);
});

test('an image with a flood beside it delays no other, and its reads are no pulls', () => {
  const { template } = withdrawalStack();
  template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
    BatchSize: 1,
    EventSourceArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('WithdrawalEvents'), 'Arn'] },
  });
  template.hasResourceProperties('AWS::ECR::PullTimeUpdateExclusion', {
    PrincipalArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('WithdrawalRole'), 'Arn'] },
  });
});

test('without it, the signer may delete nothing', () => {
  const { template } = withdrawalStack();
  const signer = roleStatements(template).get('TrustSignerRole')!;
  expect(signer.flatMap(({ actions }) => actions)).not.toContain('ecr:BatchDeleteImage');
});

test('a repository that is enrolled later, for a gate, is one of its repositories too', () => {
  const made = withdrawalStack();
  made.trust.signer._admit(RepositorySelector.name('assets'));
  const deletes = roleStatements(made.template)
    .get('WithdrawalRole')!
    .filter(({ actions }) => actions.includes('ecr:BatchDeleteImage'));
  expect(deletes.flatMap(({ resources }) => resources)).toEqual([
    REPOSITORY,
    'arn:Partition:ecr:Region:AccountId:repository/assets',
  ]);
});

test('it hears revocations, knows the keys, and its alarms go where alerts go', () => {
  const { template } = withdrawalStack();
  template.hasResourceProperties('AWS::Events::Rule', {
    EventPattern: { 'detail-type': ['Image Revoked'], source: ['trusted-images'] },
    Targets: [
      Match.objectLike({ Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('WithdrawalEvents'), 'Arn'] } }),
    ],
  });
  expect(environmentOf(template, 'Takes signatures')).toMatchObject({
    REGISTER_TABLE: 'TrustRegister',
    PINNED_KEYS: '[{"arn":"TrustSigningKey"}]',
    EVENT_BUS: 'TrustEvents',
  });
  const alarms = Object.entries(template.findResources('AWS::CloudWatch::Alarm'));
  const its = alarms.filter(([id]) => id.startsWith('Withdrawal'));
  expect(its.map(([, { Properties }]) => Properties.AlarmActions.length)).toEqual([1, 1]);
});

test('a signer that writes nothing to the registry has nothing to withdraw', () => {
  expect(() => withdrawalStack({ signing: { signedManifests: SignedManifests.NONE } })).toThrow(
    'Test/Withdrawal withdraws signatures, and signedManifests of the signer Test/Trust/Signer is NONE; allowed: SignedManifests.TOP or ALL, or no SignatureWithdrawal',
  );
});

test('another stack than that of the bus is refused', () => {
  const { stack, trust } = trustStack();
  const { signer, register, events, alerts } = trust;
  const other = new Stack(stack.node.root as never, 'Other');
  expect(() => new SignatureWithdrawal(other, 'Withdrawal', { signer, register, events, alerts })).toThrow(
    'Other/Withdrawal publishes events and is in the stack Other, and the bus in Test, allowed: the same stack',
  );
});
