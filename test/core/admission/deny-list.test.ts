import { DIGEST, evaluateCel, IMAGE, REPOSITORY, RULES } from './admission';
import { denyList } from '../../../src/core/admission/deny-list';

const OTHER = `sha256:${'b'.repeat(64)}`;

/** The messages of what is not true of a pod. */
function refusals(pod: object, digests: readonly string[] = [OTHER]): string[] {
  const { variables, validations } = denyList(RULES, digests)[0]!.spec as any;
  const values = evaluateCel({
    expressions: validations.map(({ expression }: any) => expression),
    variables,
    pod: { spec: pod },
  });
  return values.flatMap((value, at) =>
    value === true ? [] : [value === false ? validations[at].message : `error: ${String(value)}`],
  );
}

const containers = (...images: string[]) => images.map(image => ({ image }));
const REVOKED = expect.stringContaining('was revoked') as string;
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
  ['a tag of the repository', { containers: containers(`${REPOSITORY}:v1`) }, [TAG]],
  ['the repository alone, which means its tag latest', { containers: containers(REPOSITORY) }, [TAG]],
  ['a digest that is cut short', { containers: containers(`${REPOSITORY}@sha256:abc`) }, [TAG]],
  ['a tag of another repository', { containers: containers(`${REPOSITORY}-other:v1`) }, []],
])('%s: %j', (_what, pod, expected) => {
  expect(refusals(pod)).toEqual(expected);
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
