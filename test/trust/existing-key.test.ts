import { App, Stack, type StackProps } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Key, KeySpec, KeyUsage, type IKey } from 'aws-cdk-lib/aws-kms';
import { ImageTrust, RepositorySelector, SigningKey } from '../../src';
import { tagged } from '../gates/gated-stack';
import { environmentOf, exceptedRoles, FAST, resourcePolicy, roleStatements } from '../support/synthesise';

const ARN = 'arn:aws:kms:eu-west-1:999988887777:key/11111111-2222-3333-4444-555555555555';

function signedBy(keyOf: (stack: Stack) => IKey, props: StackProps = {}) {
  const stack = new Stack(new App({ context: FAST }), 'Test', props);
  const key = new SigningKey(stack, 'SigningKey', { key: keyOf(stack) });
  const trust = new ImageTrust(stack, 'Trust', {
    repositories: [RepositorySelector.prefix('team/')],
    signing: { key },
  });
  tagged(stack, trust);
  return { stack, key, template: Template.fromStack(stack) };
}

const made =
  (keySpec = KeySpec.ECC_NIST_P256) =>
  (stack: Stack) =>
    new Key(stack, 'Mine', { keySpec, keyUsage: KeyUsage.SIGN_VERIFY });
const imported = (arn: string) => (stack: Stack) => Key.fromKeyArn(stack, 'Mine', arn);

test('of a key of the app the policy lets only the signer sign, whatever else it allows', () => {
  const { template } = signedBy(made());
  const policy = resourcePolicy(template, 'AWS::KMS::Key', 'Mine', 'KeyPolicy');
  expect(policy.map(({ sid }) => sid)).toEqual([undefined, 'OnlySigners', 'NoGrants', 'Sign1']);
  expect(policy[3]).toMatchObject({ actions: ['kms:Sign'], principal: 'TrustSignerRole' });
  expect(exceptedRoles(policy[1]!)).toEqual(['TrustSignerRole']);
  expect(environmentOf(template, 'Signs images').SIGNING_KEY_ARN).toBe('Mine');
});

test('a key signs for one trust: the policy of each would refuse the signer of the other', () => {
  const stack = new Stack(new App({ context: FAST }), 'Test');
  const key = made()(stack);
  new SigningKey(stack, 'One', { key });
  expect(() => new SigningKey(stack, 'Two', { key })).toThrow(
    'the key Test/Mine is the signing key Test/One already, and Test/Two is another, allowed: one SigningKey for each key',
  );
});

test('an imported key, of another account: the role of the signer may use it, gates pin it, and its policy is yours', () => {
  const { stack, template, key } = signedBy(imported(ARN));
  const signing = [...roleStatements(template)].filter(([, statements]) =>
    statements.some(({ actions }) => actions.includes('kms:Sign')),
  );
  expect(signing.map(([role]) => role)).toEqual(['TrustSignerRole']);
  expect(signing[0]![1]).toContainEqual(
    expect.objectContaining({
      actions: ['kms:Sign'],
      resources: [ARN],
      condition: { StringEquals: { 'kms:SigningAlgorithm': 'ECDSA_SHA_256', 'kms:MessageType': 'DIGEST' } },
    }),
  );
  expect(environmentOf(template, 'Signs images').SIGNING_KEY_ARN).toBe(ARN);
  expect(JSON.parse(environmentOf(template, 'Waits for an image').PINNED_KEYS!)).toEqual([{ arn: ARN }]);
  Annotations.fromStack(stack).hasWarning(
    '/Test/SigningKey',
    Match.stringLikeRegexp(`the policy of the imported signing key ${ARN} is not changed`),
  );
  expect(() => key.aliasName).toThrow('is an existing key, and its aliases are not known');
});

test.each<[string, () => unknown, string]>([
  [
    'an alias',
    () => signedBy(imported(ARN.replace(/key\/.*/, 'alias/images'))),
    'is an alias, allowed: the key itself, by Key.fromKeyArn() or Key.fromLookup()',
  ],
  [
    'another kind',
    () => signedBy(made(KeySpec.RSA_2048)),
    'the signing key Test/Mine is RSA_2048 for SIGN_VERIFY, allowed: ECC_NIST_P256 for SIGN_VERIFY',
  ],
  [
    'another region',
    () => signedBy(imported(ARN), { env: { account: '111122223333', region: 'us-east-1' } }),
    'is in eu-west-1, allowed: the region of the stack, us-east-1',
  ],
  [
    'an alias for it',
    () => new SigningKey(new Stack(), 'Key', { key: imported(ARN)(new Stack()), aliasName: 'images' }),
    'is an existing key, allowed: key without aliasName and removalPolicy',
  ],
])('%s is an error', (_, make, why) => {
  expect(make).toThrow(why);
});
