import {
  evaluateCel,
  IMAGE,
  POLICY,
  REPLAYS,
  REPOSITORY,
  RULES,
  statement,
  type Statement,
} from './admission';
import { clusterPolicy, imageValidatingPolicy } from '../../../src/core/admission/kyverno';

interface Spec {
  readonly validations: { readonly message: string; readonly expression: string }[];
  readonly [key: string]: any;
}
const spec = (rules = RULES) => imageValidatingPolicy(rules).spec as Spec;

/** Why a pod with these images is refused: in Kyverno's order, the first that is not true refuses. */
function refusal(
  summaries: Record<string, { key: string; statement: Statement }>,
  images: object = { containers: Object.keys(summaries), initContainers: [], ephemeralContainers: [] },
  rules = RULES,
): string | undefined {
  const { validations } = spec(rules);
  const values = evaluateCel({
    expressions: validations.map(({ expression }) => expression),
    images,
    summaries,
  });
  const at = values.findIndex(value => value !== true);
  if (at >= 0 && values[at] !== false) return `error: ${String(values[at])}`;
  return validations[at]?.message;
}

const signed = (made: Statement, key = 'key0') => ({ key, statement: made });

describe('ImageValidatingPolicy, its expressions evaluated', () => {
  test('an image with a summary of its repository is admitted', () => {
    expect(refusal({ [IMAGE]: signed(statement()) })).toBeUndefined();
  });

  test.each(REPLAYS)('a summary %s is refused', (_what, replayed, why) => {
    expect(refusal({ [IMAGE]: signed(replayed) })).toContain(why);
  });

  test.each([
    ['AdmissionPolicies refuses kubectl in Amazon EKS', 'arn:aws:iam::000000000000:user/somebody'],
    // the pods of a chart are made by controllers of the cluster
    [
      'AdmissionPolicies refuses Helm in Amazon EKS',
      'system:serviceaccount:kube-system:replicaset-controller',
    ],
    ['AdmissionPolicies refuses a job of AWS Batch on Amazon EKS, with another image', 'aws-batch'],
  ])('%s, whoever makes the pod', (_, username) => {
    const { matchConditions, matchConstraints } = spec();
    const pod = { spec: { containers: [{ image: IMAGE }] } };
    const request = { operation: 'CREATE', userInfo: { username } };
    const expressions = matchConditions.map(({ expression }: { expression: string }) => expression);
    expect(evaluateCel({ expressions, pod, request })).toEqual([true]);
    expect(matchConstraints.resourceRules[0]).toMatchObject({
      apiGroups: [''],
      operations: ['CREATE', 'UPDATE'],
    });
    expect(refusal({}, { containers: [IMAGE], initContainers: [], ephemeralContainers: [] })).toBe(
      'no summary of this image is signed by an accepted key',
    );
  });

  test('a summary of another key is refused, and that of a second accepted key is not', () => {
    const byOther = { [IMAGE]: signed(statement(), 'key1') };
    expect(refusal(byOther)).toBe('no summary of this image is signed by an accepted key');
    const both = { ...RULES, keys: [...RULES.keys, ...RULES.keys] };
    expect(refusal(byOther, undefined, both)).toBeUndefined();
  });

  test('a summary that does not say PASSED is refused', () => {
    const made = statement();
    made.predicate.verificationResult = 'FAILED';
    expect(refusal({ [IMAGE]: signed(made) })).toContain('PASSED');
  });

  test.each(['containers', 'initContainers', 'ephemeralContainers'])('each of %s is looked at', kind => {
    const images = {
      containers: [IMAGE],
      initContainers: [],
      ephemeralContainers: [],
      [kind]: [IMAGE, 'x/y@z'],
    };
    expect(refusal({ [IMAGE]: signed(statement()) }, images)).toContain('no summary');
  });

  test('without accepted policies, every policy of the trust is accepted', () => {
    const rules = { ...RULES, policies: [] };
    const other = { [IMAGE]: signed(statement({ policy: 'd'.repeat(64) })) };
    expect(refusal(other, undefined, rules)).toBeUndefined();
    expect(refusal(other)).toContain('policy');
  });
});

test('it fails closed, applies to new containers of running pods, replaces tags, and asks nobody else', () => {
  expect(spec()).toMatchObject({
    failurePolicy: 'Fail',
    validationActions: ['Deny'],
    matchConstraints: { resourceRules: [{ resources: ['pods', 'pods/ephemeralcontainers'] }] },
    matchImageReferences: [{ glob: REPOSITORY }, { glob: `${REPOSITORY}:*` }, { glob: `${REPOSITORY}@*` }],
    validationConfigurations: { mutateDigest: true, verifyDigest: true, required: true },
    attestors: [
      {
        name: 'key0',
        cosign: {
          key: { kms: expect.stringMatching(/^awskms:\/\/\/arn:aws:kms:/) as string },
          ctlog: { insecureIgnoreTlog: true, insecureIgnoreSCT: true },
        },
      },
    ],
  });
});

test('the older ClusterPolicy has the same conditions', () => {
  const [rule] = (clusterPolicy(RULES).spec as any).rules;
  const [image] = rule.verifyImages;
  expect(image).toMatchObject({ failureAction: 'Enforce', mutateDigest: true, required: true });
  const [{ conditions, attestors }] = image.attestations;
  expect(attestors).toMatchObject([{ count: 1, entries: [{ keys: { rekor: { ignoreTlog: true } } }] }]);
  expect(conditions[0].all.map(({ key }: any) => key)).toEqual([
    '{{ verificationResult }}',
    '{{ resourceUri }}',
    expect.stringContaining('trustedImages_expiresOn'),
    '{{ policy.digest.sha256 }}',
  ]);
  expect(conditions[0].all.at(-1).value).toEqual([POLICY]);
});
