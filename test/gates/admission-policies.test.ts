import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Cluster } from 'aws-cdk-lib/aws-eks';
import { Alias, Key } from 'aws-cdk-lib/aws-kms';
import { parseAllDocuments } from 'yaml';
import { AdmissionKey, AdmissionPolicies, type AdmissionPoliciesProps } from '../../src';

const ENV = { account: '111122223333', region: 'eu-west-1' };
const REGISTRY = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
const ARN = 'arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555';
const PEM = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  .publicKey.export({ type: 'spki', format: 'pem' })
  .toString();

function made(
  props: Partial<AdmissionPoliciesProps> = {},
  stack = new Stack(new App(), 'Test', { env: ENV }),
) {
  const policies = new AdmissionPolicies({
    repositories: [Repository.fromRepositoryName(stack, 'App', 'team/app')],
    keys: [AdmissionKey.pem(PEM)],
    ...props,
  });
  return { stack, policies };
}

const kinds = (yaml: string): unknown[] =>
  parseAllDocuments(yaml).map(document => (document.toJS() as { kind: string }).kind);

test('each controller gets its text, and nothing in it is left open', () => {
  const { policies } = made({ revokedDigests: [`sha256:${'b'.repeat(64)}`] });
  const texts = [
    policies.forKyverno(),
    policies.forKyvernoClusterPolicy(),
    policies.forPolicyController(),
    policies.forRevoked(),
  ].map(manifests => manifests.toYaml());
  expect(texts.map(kinds)).toEqual([
    ['ImageValidatingPolicy'],
    ['ClusterPolicy'],
    ['ClusterImagePolicy'],
    ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'],
  ]);
  for (const text of texts) {
    expect(text).toContain(`${REGISTRY}/team/app`);
    expect(text).not.toContain('${');
  }
  expect(JSON.parse(policies.containersPolicy())).toHaveProperty([
    'transports',
    'docker',
    `${REGISTRY}/team/app`,
  ]);
  expect(policies.containersRegistries()).toContain(REGISTRY);
});

test('the text is written to a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'admission-'));
  try {
    const { policies } = made();
    policies.forKyverno().writeTo(join(folder, 'kyverno.yaml'));
    expect(readFileSync(join(folder, 'kyverno.yaml'), 'utf8')).toBe(policies.forKyverno().toYaml());
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a cluster gets manifests whose values are known at deployment', () => {
  const stack = new Stack(new App(), 'Test');
  const { policies } = made({ keys: [AdmissionKey.kms(new Key(stack, 'Key'))] }, stack);
  const cluster = Cluster.fromClusterAttributes(stack, 'Cluster', {
    clusterName: 'cluster',
    kubectlRoleArn: 'arn:aws:iam::111122223333:role/kubectl',
  });
  policies.forKyverno().addTo(cluster, 'Admission');
  const [{ Properties }] = Object.values(
    Template.fromStack(stack).findResources('Custom::AWSCDK-EKS-KubernetesResource'),
  ) as [any];
  const text = JSON.stringify(Properties.Manifest);
  expect(text).toContain('awskms:///');
  expect(text).toContain('ImageValidatingPolicy');
  expect(text).toContain('{"Ref":"AWS::AccountId"}');
  expect(() => policies.forKyverno().toYaml()).toThrow(/known only at deployment.*addTo\(cluster\)/);
  expect(() => policies.containersPolicy()).toThrow(/the key of this app is in AWS KMS.*AdmissionKey.pem/);
});

test('a key of AWS KMS is named by its ARN, which no alias can move', () => {
  const { stack } = made();
  const key = Key.fromKeyArn(stack, 'Key', ARN);
  const { policies } = made({ keys: [AdmissionKey.kms(key)] }, new Stack(new App(), 'Other', { env: ENV }));
  expect(policies.forPolicyController().toYaml()).toContain(`awskms:///${ARN}`);
});

test.each<[string, Partial<AdmissionPoliciesProps>, RegExp]>([
  ['no repository', { repositories: [] }, /0 repositories and 1 keys, allowed: at least one/],
  ['no key', { keys: [] }, /1 repositories and 0 keys, allowed: at least one/],
  ['a policy that is no hash', { acceptedPolicies: ['standard'] }, /"standard" is not one, allowed: 64 hex/],
  ['a tag to refuse', { revokedDigests: ['v1'] }, /"v1" is not one, allowed: sha256:<64 hex>/],
  [
    'a name that Kubernetes refuses',
    { policyName: 'Trusted_Images' },
    /"Trusted_Images" is not one, allowed/,
  ],
  ['a misspelt property', { revokedDigest: [] } as object, /did you mean "revokedDigests"/],
])('%s is refused', (_what, props, message) => {
  expect(() => made(props)).toThrow(message);
});

test.each([
  ['team/*', /"team\/\*" is not a name, allowed: 2 to 256 lower-case/],
  [`${REGISTRY}/team/app`, /begins with the host of a registry, allowed: .*"team\/app"/],
  ['team/"] || true || ["', /is not a name/],
  ['', /"" is not a name/],
])('rule 5.7, fail closed: a repository named %j, which no image has, is an error', (name, message) => {
  const stack = new Stack(new App(), 'Test', { env: ENV });
  expect(() => made({ repositories: [Repository.fromRepositoryName(stack, 'Other', name)] }, stack)).toThrow(
    message,
  );
});

test('a key that can be moved is refused', () => {
  const stack = new Stack(new App(), 'Test', { env: ENV });
  const named = Alias.fromAliasName(stack, 'Named', 'alias/signing');
  expect(() => AdmissionKey.kms(named)).toThrow(/Test\/Named is an alias, .*allowed: the key itself/);
  const ofArn = Key.fromKeyArn(stack, 'OfArn', 'arn:aws:kms:eu-west-1:111122223333:alias/signing');
  expect(() => AdmissionKey.kms(ofArn)).toThrow(/is an alias/);
  const created = new Alias(stack, 'Created', { aliasName: 'a', targetKey: new Key(stack, 'Key') });
  expect(() => AdmissionKey.kms(created)).toThrow(/is an alias/);
});

test('a key that is not on P-256 is refused', () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
  expect(() => AdmissionKey.pem(publicKey.export({ type: 'spki', format: 'pem' }).toString())).toThrow(
    /allowed: ECDSA on P-256/,
  );
  expect(() => AdmissionKey.pem('cosign.pub')).toThrow(/is not a public key, allowed: SPKI as PEM/);
});
