import { App, CfnOutput, CfnParameter, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { SigningKey, type SigningKeyProps } from '../../src';
import { newStack, resourcePolicy, roleStatements, text, type Statement } from '../support/synthesise';

const ROOT = 'arn:Partition:iam::AccountId:root';

/** Nobody but the account itself, by IAM; and it can neither sign nor let anybody sign. */
const ADMINISTRATION = [
  'CancelKeyDeletion',
  'CreateAlias',
  'DeleteAlias',
  'DescribeKey',
  'DisableKey',
  'EnableKey',
  'GetKeyPolicy',
  'GetPublicKey',
  'ListGrants',
  'ListKeyPolicies',
  'ListResourceTags',
  'PutKeyPolicy',
  'RevokeGrant',
  'ScheduleKeyDeletion',
  'TagResource',
  'UntagResource',
  'UpdateAlias',
  'UpdateKeyDescription',
  'Verify',
].map(action => `kms:${action}`);

interface KeyStack {
  readonly key: SigningKey;
  readonly template: Template;
  role(id: string): Role;
  policy(): Statement[];
}

function keyStack(props?: SigningKeyProps, stack = newStack()): KeyStack {
  const key = new SigningKey(stack, 'Key', props);
  return {
    key,
    role: id => new Role(stack, id, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }),
    get template() {
      return Template.fromStack(stack);
    },
    policy: () => resourcePolicy(Template.fromStack(stack), 'AWS::KMS::Key', 'Key', 'KeyPolicy'),
  };
}

/** Whom a Deny leaves out, in both forms of an ARN. */
function leftOut(statement: Statement): string[] {
  return [statement.condition.ArnNotLike['aws:PrincipalArn']].flat().map(text);
}

describe('by default', () => {
  const { key, template, policy } = keyStack();

  test('ECDSA on P-256, to sign and verify, and it outlives the stack: without it nobody can verify', () => {
    template.hasResource('AWS::KMS::Key', {
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY', MultiRegion: Match.absent() },
    });
  });

  test('people find it by a name that is unique', () => {
    expect(key.aliasName).toMatch(/^alias\/trusted-images\/TestKey\w{8}$/);
    template.hasResourceProperties('AWS::KMS::Alias', {
      AliasName: key.aliasName,
      TargetKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] },
    });
  });

  test('the account administers it: it can neither sign nor let others sign', () => {
    expect(policy()[0]).toEqual({
      sid: 'Administration',
      effect: 'Allow',
      principal: ROOT,
      actions: ADMINISTRATION,
      resources: ['*'],
    });
  });

  test('nobody signs: no role can have the name that is left out', () => {
    expect(policy()[1]).toMatchObject({
      sid: 'OnlySigners',
      effect: 'Deny',
      principal: '*',
      actions: ['kms:Sign'],
      resources: ['*'],
    });
    expect(leftOut(policy()[1]!)).toEqual(['arn:Partition:iam::AccountId:role/(nobody)']);
  });

  test('nobody lends it: a grant is a right that no policy shows', () => {
    expect(policy()[2]).toEqual({
      sid: 'NoGrants',
      effect: 'Deny',
      principal: '*',
      actions: ['kms:CreateGrant'],
      resources: ['*'],
    });
  });

  test('its policy says no more than that', () => {
    expect(policy()).toHaveLength(3);
  });
});

describe('rule 5.8, the key signs only PASS: who signs', () => {
  const stack = keyStack();
  stack.key._allowSigning(stack.role('Signer'));
  stack.key._allowSigning(stack.role('Second'));

  test("is allowed it by the key's own policy, for digests and by one algorithm", () => {
    expect(stack.policy().slice(3)).toEqual(
      [
        ['Sign1', 'Signer'],
        ['Sign2', 'Second'],
      ].map(([sid, principal]) => ({
        sid,
        effect: 'Allow',
        principal,
        actions: ['kms:Sign'],
        resources: ['*'],
        condition: { StringEquals: { 'kms:SigningAlgorithm': 'ECDSA_SHA_256', 'kms:MessageType': 'DIGEST' } },
      })),
    );
  });

  test('is left out of the Deny, as a role and as its session', () => {
    expect(leftOut(stack.policy()[1]!)).toEqual(
      ['Signer', 'Second'].flatMap(role => [role, `arn:Partition:sts::AccountId:assumed-role/${role}/*`]),
    );
  });

  test('may make no grants either, and the account still cannot sign', () => {
    expect(
      stack
        .policy()
        .slice(0, 3)
        .map(({ sid, effect }) => `${effect} ${sid}`),
    ).toEqual(['Allow Administration', 'Deny OnlySigners', 'Deny NoGrants']);
    expect(stack.policy()[0]!.actions).toEqual(ADMINISTRATION);
  });

  test('has by its own policy what whoever verifies has: kms:Sign is for the key to allow', () => {
    expect(roleStatements(stack.template).get('Signer')).toEqual([
      {
        sid: undefined,
        effect: 'Allow',
        actions: ['kms:DescribeKey', 'kms:GetPublicKey'],
        resources: ['Key'],
      },
    ]);
  });

  test('an imported role with a path, of another account, is named as AWS and its session name it', () => {
    const app = newStack();
    const imported = keyStack({}, app);
    imported.key._allowSigning(
      Role.fromRoleArn(app, 'Signer', 'arn:aws:iam::210987654321:role/platform/signer'),
    );
    expect(imported.policy()[3]).toMatchObject({
      sid: 'Sign1',
      principal: 'arn:aws:iam::210987654321:role/platform/signer',
    });
    expect(leftOut(imported.policy()[1]!)).toEqual([
      'arn:aws:iam::210987654321:role/platform/signer',
      'arn:Partition:sts::210987654321:assumed-role/signer/*',
    ]);
  });
});

test("who verifies fetches the public key, and the key's policy does not change", () => {
  const stack = keyStack();
  expect(stack.key.grantVerify(stack.role('Gate')).success).toBe(true);
  expect(roleStatements(stack.template).get('Gate')).toEqual([
    { sid: undefined, effect: 'Allow', actions: ['kms:DescribeKey', 'kms:GetPublicKey'], resources: ['Key'] },
  ]);
  expect(stack.policy()).toEqual(keyStack().policy());
});

describe('overrides', () => {
  test('a name of your own', () => {
    const { key, template } = keyStack({ aliasName: 'images' });
    expect(key.aliasName).toBe('alias/images');
    template.hasResourceProperties('AWS::KMS::Alias', { AliasName: 'alias/images' });
  });

  test('a name that begins with alias/ is refused: the key would be found under alias/alias/images', () => {
    expect(() => keyStack({ aliasName: 'alias/images' })).toThrow(
      'the alias name "alias/images" begins with "alias/", allowed: the name without it, "images"',
    );
  });

  test('a name that is only known when it is deployed', () => {
    const stack = newStack();
    keyStack(
      { aliasName: new CfnParameter(stack, 'Alias').valueAsString },
      stack,
    ).template.hasResourceProperties('AWS::KMS::Alias', {
      AliasName: { 'Fn::Join': ['', ['alias/', { Ref: 'Alias' }]] },
    });
  });

  test('DESTROY, for trying things out', () => {
    keyStack({ removalPolicy: RemovalPolicy.DESTROY }).template.hasResource('AWS::KMS::Key', {
      DeletionPolicy: 'Delete',
    });
  });
});

test('two in one stack have names and policies of their own', () => {
  const stack = newStack();
  const [one, two] = ['One', 'Two'].map(id => new SigningKey(stack, id)) as [SigningKey, SigningKey];
  one._allowSigning(new Role(stack, 'Signer', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }));
  expect(one.aliasName).not.toBe(two.aliasName);
  const template = Template.fromStack(stack);
  expect(JSON.stringify(resourcePolicy(template, 'AWS::KMS::Key', 'Two', 'KeyPolicy'))).not.toContain(
    'Signer"',
  );
});

test('another stack that names the key does not keep it from being replaced: it imports nothing', () => {
  const stack = newStack();
  const { key } = keyStack({}, stack);
  const other = new Stack(stack.node.root as App, 'Other');
  new CfnOutput(other, 'Arn', { value: key.key.keyArn });
  key.grantVerify(new Role(other, 'Verifier', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }));
  const [theirs, ours] = [other, stack].map(each => JSON.stringify(Template.fromStack(each)));
  expect(theirs).toContain('Fn::GetStackOutput');
  expect(theirs).not.toContain('Fn::ImportValue');
  expect(ours).not.toContain('"Export"');
});
