import { kmsReference, listOf, referencesOf, type AdmissionRules, type Manifest } from './admission-rules';
import { EXPIRES_ON, VERIFICATION_SUMMARY } from '../signing/verification-summary';

/**
 * A `ClusterImagePolicy` of sigstore's policy-controller for each repository: a policy does not see which
 * image it is asked about, so it has to know the repository. Each key is an authority of its own, and one of
 * them is enough.
 */
export function clusterImagePolicies({ name, repositories, keys, policies }: AdmissionRules): Manifest[] {
  return repositories.map((repository, index) => ({
    apiVersion: 'policy.sigstore.dev/v1beta1',
    kind: 'ClusterImagePolicy',
    metadata: { name: repositories.length === 1 ? name : `${name}-${index}` },
    spec: {
      mode: 'enforce',
      images: referencesOf(repository).map(glob => ({ glob })),
      authorities: keys.map((key, number) => ({
        name: `key${number}`,
        key: {
          hashAlgorithm: 'sha256',
          ...('kms' in key ? { kms: kmsReference(key.kms) } : { data: key.pem }),
        },
        attestations: [
          {
            name: 'summary',
            predicateType: VERIFICATION_SUMMARY,
            policy: { type: 'rego', data: summaryRego(repository, policies) },
          },
        ],
      })),
    },
  }));
}

/** In the Rego of before 1.0, which policy-controller reads. Each condition has an answer of its own. */
export function summaryRego(repository: string, policies: readonly string[]): string {
  const conditions = [
    ['passed', 'does not say PASSED', 'input.predicate.verificationResult == "PASSED"'],
    ['of_repository', 'was made for another repository', `input.subject[_].name == "${repository}"`],
    ['holds', 'has expired', `time.parse_rfc3339_ns(input.predicate.${EXPIRES_ON}) > time.now_ns()`],
    ...(policies.length > 0 ? [isOfPolicy(policies)] : []),
  ] as const;
  return [
    'package sigstore',
    ...conditions.map(([name, , body]) => `${name} { ${body} }`),
    `isCompliant[{"result": true}] { ${conditions.map(([name]) => name).join('; ')} }`,
    ...conditions.map(
      ([name, wrong]) => `isCompliant[{"result": false, "error": "the summary ${wrong}"}] { not ${name} }`,
    ),
    '',
  ].join('\n');
}

function isOfPolicy(policies: readonly string[]): [string, string, string] {
  const body = `input.predicate.policy.digest.sha256 == ${listOf(policies)}[_]`;
  return ['of_policy', 'is of a policy that is not accepted', body];
}
