import {
  exceptedRoles,
  nameOf,
  resourcePolicy,
  roleStatements,
  trustStack,
  type Statement,
} from '../support/synthesise';

const { template } = trustStack();
const ROOT = 'arn:Partition:iam::AccountId:root';

function policyOf(key: string): string[] {
  return resourcePolicy(template, 'AWS::KMS::Key', key, 'KeyPolicy').map(
    ({ effect, principal, actions }) => `${effect} ${principal}: ${actions.join(' ')}`,
  );
}

/** The statements on kms:Sign, of keys and of roles. */
function onSigning(): Statement[] {
  const ofKeys = Object.keys(template.findResources('AWS::KMS::Key')).flatMap(id =>
    resourcePolicy(template, 'AWS::KMS::Key', nameOf(id), 'KeyPolicy'),
  );
  return [...ofKeys, ...[...roleStatements(template).values()].flat()].filter(({ actions }) =>
    actions.some(action => ['kms:Sign', 'kms:*', '*'].includes(action)),
  );
}

test('these are all the keys', () => {
  expect(Object.keys(template.findResources('AWS::KMS::Key')).map(nameOf)).toEqual([
    'TrustEvidenceKey',
    'TrustSigningKey',
    'TrustAlertsKey',
  ]);
});

test('the account administers the key of the evidence', () => {
  expect(policyOf('TrustEvidenceKey')).toEqual([`Allow ${ROOT}: kms:*`]);
});

test('CloudWatch encrypts alerts, and EventBridge does not', () => {
  expect(policyOf('TrustAlertsKey')).toEqual([
    `Allow ${ROOT}: kms:*`,
    'Allow cloudwatch.amazonaws.com: kms:Decrypt kms:GenerateDataKey',
  ]);
});

test('the signer signs, and nobody else: not by its own policy, and not by IAM', () => {
  const [evidence, only, sign, alerts, ...more] = onSigning();
  expect(more).toEqual([]);
  for (const encryption of [evidence, alerts]) {
    expect(encryption).toMatchObject({ principal: ROOT, actions: ['kms:*'] });
  } // keys that cannot sign
  expect(only).toMatchObject({ sid: 'OnlySigners', effect: 'Deny', principal: '*', actions: ['kms:Sign'] });
  expect(exceptedRoles(only!)).toEqual(['TrustSignerRole']);
  expect(sign).toEqual({
    sid: 'Sign1',
    effect: 'Allow',
    principal: 'TrustSignerRole',
    actions: ['kms:Sign'],
    resources: ['*'],
    condition: { StringEquals: { 'kms:SigningAlgorithm': 'ECDSA_SHA_256', 'kms:MessageType': 'DIGEST' } },
  });
});

test('nobody makes grants of the key that signs', () => {
  expect(
    resourcePolicy(template, 'AWS::KMS::Key', 'TrustSigningKey', 'KeyPolicy').filter(({ actions }) =>
      actions.includes('kms:CreateGrant'),
    ),
  ).toEqual([
    { sid: 'NoGrants', effect: 'Deny', principal: '*', actions: ['kms:CreateGrant'], resources: ['*'] },
  ]);
});
