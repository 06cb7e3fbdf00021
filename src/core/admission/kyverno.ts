import {
  kmsReference,
  listOf,
  NEW_PODS,
  referencesOf,
  type AdmissionRules,
  type Manifest,
} from './admission-rules';
import { EXPIRES_ON, VERIFICATION_SUMMARY } from '../signing/verification-summary';

/** All containers of a pod: Kyverno fills each list with the images that the policy matches. */
const IMAGES = '(images.containers + images.initContainers + images.ephemeralContainers)';

/**
 * Kyverno's `ImageValidatingPolicy`. The payload is compared with the image that the pod names, so a summary
 * that was copied from another repository is refused. The digest is compared by Kyverno itself.
 */
export function imageValidatingPolicy({ name, repositories, keys, policies }: AdmissionRules): Manifest {
  const attestors = keys.map((key, index) => ({
    name: `key${index}`,
    cosign: {
      key: 'kms' in key ? { kms: kmsReference(key.kms) } : { data: key.pem },
      // nothing about the images is in a public log, as docs/verify.md explains
      ctlog: { insecureIgnoreTlog: true, insecureIgnoreSCT: true },
    },
  }));
  const named = attestors.map(attestor => `attestors.${attestor.name}`).join(', ');
  return {
    apiVersion: 'policies.kyverno.io/v1beta1',
    kind: 'ImageValidatingPolicy',
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      validationActions: ['Deny'],
      webhookConfiguration: { timeoutSeconds: 30 },
      evaluation: { background: { enabled: false } },
      ...NEW_PODS,
      matchImageReferences: repositories.flatMap(referencesOf).map(glob => ({ glob })),
      validationConfigurations: { mutateDigest: true, verifyDigest: true, required: true },
      attestors,
      attestations: [{ name: 'summary', intoto: { type: VERIFICATION_SUMMARY } }],
      validations: [
        {
          message: 'no summary of this image is signed by an accepted key',
          expression: `${IMAGES}.all(each, verifyAttestationSignatures(each, attestations.summary, [${named}]) > 0)`,
        },
        ...Object.entries(summaryConditions(policies)).map(([message, condition]) => ({
          message,
          expression: `${IMAGES}.all(each, ${condition})`,
        })),
      ],
    },
  };
}

/** Conditions on the summary of the image `each`, by what is wrong otherwise. */
function summaryConditions(policies: readonly string[]): Record<string, string> {
  const payload = 'extractPayload(each, attestations.summary)';
  const isOfPolicy = `${payload}.predicate.policy.digest.sha256 in ${listOf(policies)}`;
  return {
    'the summary does not say PASSED': `${payload}.predicate.verificationResult == "PASSED"`,
    'the summary was made for another repository':
      `${payload}.subject.exists(subject, subject.name == ` +
      'image(each).registry() + "/" + image(each).repository())',
    'the summary has expired': `timestamp(${payload}.predicate.${EXPIRES_ON}) > time.now()`,
    ...(policies.length > 0 && { 'the summary is of a policy that is not accepted': isOfPolicy }),
  };
}

/**
 * The older `ClusterPolicy`, for clusters without `ImageValidatingPolicy`. It reads `sha256-<hex>.att`.
 */
export function clusterPolicy({ name, repositories, keys, policies }: AdmissionRules): Manifest {
  const entries = keys.map(key => ({
    keys: {
      ...('kms' in key ? { kms: kmsReference(key.kms) } : { publicKeys: key.pem }),
      rekor: { ignoreTlog: true, url: '' },
      ctlog: { ignoreSCT: true },
    },
  }));
  return {
    apiVersion: 'kyverno.io/v1',
    kind: 'ClusterPolicy',
    metadata: { name },
    spec: {
      background: false,
      webhookConfiguration: { failurePolicy: 'Fail', timeoutSeconds: 30 },
      rules: [
        {
          name: 'summary',
          match: { any: [{ resources: { kinds: ['Pod'] } }] },
          verifyImages: [
            {
              type: 'Cosign',
              imageReferences: repositories.flatMap(referencesOf),
              failureAction: 'Enforce',
              mutateDigest: true,
              verifyDigest: true,
              required: true,
              attestations: [
                {
                  type: VERIFICATION_SUMMARY,
                  attestors: [{ count: 1, entries }],
                  conditions: [{ all: jmesPathConditions(policies) }],
                },
              ],
            },
          ],
        },
      ],
    },
  };
}

function jmesPathConditions(policies: readonly string[]): object[] {
  const expired = `{{ time_before('{{ ${EXPIRES_ON} }}', '{{ time_now_utc() }}') }}`;
  return [
    { key: '{{ verificationResult }}', operator: 'Equals', value: 'PASSED' },
    {
      key: '{{ resourceUri }}',
      operator: 'Equals',
      value: 'oci://{{ image.registry }}/{{ image.path }}@*',
    },
    { key: expired, operator: 'Equals', value: false },
    ...(policies.length > 0
      ? [{ key: '{{ policy.digest.sha256 }}', operator: 'AnyIn', value: [...policies] }]
      : []),
  ];
}
