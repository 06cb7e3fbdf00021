import { ARN, POLICY, REPOSITORY, RULES } from './admission';
import { clusterImagePolicies } from '../../../src/core/admission/policy-controller';

const PEM = '-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n';

test('one policy for each repository, one authority for each key', () => {
  const policies: any[] = clusterImagePolicies({
    ...RULES,
    repositories: [REPOSITORY, `${REPOSITORY}-2`],
    keys: [{ kms: ARN }, { pem: PEM }],
  });
  expect(policies.map(({ metadata }) => metadata.name)).toEqual(['trusted-images-0', 'trusted-images-1']);
  expect(policies[1].spec.images).toEqual(['', ':*', '@*'].map(end => ({ glob: `${REPOSITORY}-2${end}` })));
  expect(policies[0].spec.authorities.map(({ name, key }: any) => ({ name, ...key }))).toEqual([
    { name: 'key0', hashAlgorithm: 'sha256', kms: `awskms:///${ARN}` },
    { name: 'key1', hashAlgorithm: 'sha256', data: PEM },
  ]);
});

test('the Rego compares repository, result, time and policy, and says what is wrong', () => {
  const [policy]: any[] = clusterImagePolicies(RULES);
  expect(policy.metadata.name).toBe('trusted-images');
  expect(policy.spec.mode).toBe('enforce');
  expect(policy.spec.authorities[0].attestations).toEqual([
    {
      name: 'summary',
      predicateType: 'https://slsa.dev/verification_summary/v1',
      policy: {
        type: 'rego',
        data: [
          'package sigstore',
          'passed { input.predicate.verificationResult == "PASSED" }',
          `of_repository { input.subject[_].name == "${REPOSITORY}" }`,
          'holds { time.parse_rfc3339_ns(input.predicate.trustedImages_expiresOn) > time.now_ns() }',
          `of_policy { input.predicate.policy.digest.sha256 == ["${POLICY}"][_] }`,
          'isCompliant[{"result": true}] { passed; of_repository; holds; of_policy }',
          'isCompliant[{"result": false, "error": "the summary does not say PASSED"}] { not passed }',
          'isCompliant[{"result": false, "error": "the summary was made for another repository"}] { not of_repository }',
          'isCompliant[{"result": false, "error": "the summary has expired"}] { not holds }',
          'isCompliant[{"result": false, "error": "the summary is of a policy that is not accepted"}] { not of_policy }',
          '',
        ].join('\n'),
      },
    },
  ]);
});
