import { DIGEST, evaluateCel, IMAGE, REPOSITORY, RULES } from './admission';
import { denyList } from '../../../src/core/admission/deny-list';
import { imageValidatingPolicy } from '../../../src/core/admission/kyverno';

const OTHER = `sha256:${'b'.repeat(64)}`;

/** What Kubernetes says of what is not true of a pod. */
function refusals(pod: object, digests: readonly string[] = [OTHER]): unknown[] {
  const { variables, validations } = denyList(RULES, digests)[0]!.spec as any;
  const evaluated = (part: 'expression' | 'messageExpression') =>
    evaluateCel({
      expressions: validations.map((validation: any) => validation[part]),
      variables,
      pod: { spec: pod },
    });
  const says = evaluated('messageExpression');
  return evaluated('expression').flatMap((value, at) =>
    value === true ? [] : [value === false ? says[at] : `error: ${String(value)}`],
  );
}

const containers = (...images: string[]) => images.map(image => ({ image }));
/** Beside volumes of other kinds, and one whose image is named later. */
const volumes = (reference: string) => ({
  volumes: [
    { name: 'tmp', emptyDir: {} },
    { name: 'later', image: {} },
    { name: 'files', image: { reference } },
  ],
});
const REVOKED = expect.stringContaining('was revoked') as string;
const OTHER_HOST = expect.stringContaining('another name of its registry') as string;
const IPV6 = '000000000000.dkr-ecr.us-east-1.on.aws';
const TAG = expect.stringContaining('has no digest') as string;

test.each([
  ['an image that is not revoked', { containers: containers(IMAGE) }, []],
  ['a revoked image', { containers: containers(`${REPOSITORY}@${OTHER}`) }, [REVOKED]],
  ['a revoked image, with its tag', { containers: containers(`${REPOSITORY}:v1@${OTHER}`) }, [REVOKED]],
  ['a copy of a revoked image elsewhere', { containers: containers(`ghcr.io/copy@${OTHER}`) }, [REVOKED]],
  ['a revoked sidecar', { containers: containers(IMAGE, `${REPOSITORY}@${OTHER}`) }, [REVOKED]],
  [
    'a revoked init container',
    { containers: containers(IMAGE), initContainers: containers(`${REPOSITORY}@${OTHER}`) },
    [REVOKED],
  ],
  [
    'a revoked container that is added to a running pod',
    { containers: containers(IMAGE), ephemeralContainers: containers(`${REPOSITORY}@${OTHER}`) },
    [REVOKED],
  ],
  [
    'a revoked image as a volume',
    { containers: containers(IMAGE), ...volumes(`${REPOSITORY}@${OTHER}`) },
    [REVOKED],
  ],
  [
    'a tag of the repository as a volume',
    { containers: containers(IMAGE), ...volumes(`${REPOSITORY}:v1`) },
    [TAG],
  ],
  ['an image that is not revoked as a volume', { containers: containers(IMAGE), ...volumes(IMAGE) }, []],
  ['a tag of the repository', { containers: containers(`${REPOSITORY}:v1`) }, [TAG]],
  ['the repository alone, which means its tag latest', { containers: containers(REPOSITORY) }, [TAG]],
  ['a digest that is cut short', { containers: containers(`${REPOSITORY}@sha256:abc`) }, [TAG]],
  ['the host for FIPS', { containers: containers(IMAGE.replace('.ecr.', '.ecr-fips.')) }, [OTHER_HOST]],
  ['the host for IPv6', { containers: containers(`${IPV6}/team/app@${DIGEST}`) }, [OTHER_HOST]],
  ['upper case', { containers: containers(IMAGE.replace('dkr', 'DKR')) }, [OTHER_HOST]],
  ['a port', { containers: containers(IMAGE.replace('/', ':443/')) }, [OTHER_HOST]],
  ['another region', { containers: containers(IMAGE.replace('us-east-1', 'us-east-2')) }, []],
  ['a tag of another repository', { containers: containers(`${REPOSITORY}-other:v1`) }, []],
])('%s: %j', (_what, pod, expected) => {
  expect(refusals(pod)).toEqual(expected);
});

test('rule 5.7, fail closed, and say why: a refusal names each image, what is wrong, and a fix; the fixed text does too', () => {
  const revoked = [`${REPOSITORY}@${OTHER}`, `ghcr.io/copy@${OTHER}`];
  expect(
    refusals({ containers: containers(IMAGE, ...revoked), initContainers: containers(`${REPOSITORY}:v1`) }),
  ).toEqual([
    `the trust in an image was revoked: ${revoked.join(', ')}; deploy a trusted digest; cdk-trusted-images explain says why`,
    `an image has no digest, and a tag may name a revoked image: ${REPOSITORY}:v1; name it by its digest, as in <repository>@sha256:<64 hex>`,
  ]);
  const { validations } = denyList(RULES, [OTHER])[0]!.spec as any;
  expect(validations[0].message).toBe(
    'the trust in an image was revoked; deploy a trusted digest; cdk-trusted-images explain says why',
  );
});

describe.each([
  ['the list', denyList(RULES, [OTHER])[0]],
  ['Kyverno', imageValidatingPolicy(RULES)],
])('%s judges', (_who, policy) => {
  const spec = { containers: containers(IMAGE), initContainers: containers(IMAGE) };
  const debugged = { ...spec, ephemeralContainers: containers(IMAGE) };
  test.each([
    ['a new pod', { operation: 'CREATE' }, undefined, spec, true],
    ['no change of a label or finalizer', { operation: 'UPDATE', subResource: '' }, spec, spec, false],
    ['no change, where the request has no subresource', { operation: 'UPDATE' }, spec, spec, false],
    ['another image', { operation: 'UPDATE' }, { ...spec, containers: containers('x') }, spec, true],
    ['another init image', { operation: 'UPDATE' }, { ...spec, initContainers: containers('x') }, spec, true],
    ['a new list of init containers', { operation: 'UPDATE' }, { containers: containers(IMAGE) }, spec, true],
    [
      'another image as a volume',
      { operation: 'UPDATE' },
      { ...spec, ...volumes('x') },
      { ...spec, ...volumes('y') },
      true,
    ],
    ['a new list of debug containers', { operation: 'UPDATE' }, spec, debugged, true],
    [
      'every change of debug containers',
      { operation: 'UPDATE', subResource: 'ephemeralcontainers' },
      spec,
      spec,
      true,
    ],
  ])('%s', (_what, request, before, after, judged) => {
    const { matchConditions } = policy!.spec as { matchConditions: { expression: string }[] };
    const expressions = matchConditions.map(({ expression }) => expression);
    const oldPod = before && { spec: before };
    expect(evaluateCel({ expressions, pod: { spec: after }, oldPod, request })).toEqual([judged]);
  });
});

test('an empty list refuses no digest, and still tags', () => {
  expect(refusals({ containers: containers(IMAGE) }, [])).toEqual([]);
  expect(refusals({ containers: containers(`${REPOSITORY}:v1`) }, [])).toEqual([TAG]);
});

test('it is bound, and fails closed', () => {
  const [policy, binding] = denyList(RULES, [DIGEST]) as any[];
  expect(policy.spec.failurePolicy).toBe('Fail');
  expect(binding.spec).toEqual({ policyName: policy.metadata.name, validationActions: ['Deny'] });
});
