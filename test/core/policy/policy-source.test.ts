import { readPolicySet } from '../../../src/core/policy/policy-set';
import { regoBuckets, regoRead, withRegoRead } from '../../../src/core/policy/policy-source';

const SOURCE = { bucket: 'rules', prefix: 'policies/' };
const OTHER = { bucket: 'rules', prefix: 'other/', version: 'v1' as const };
const IN_BUCKET = { rule: 'rego', action: 'deny', ...SOURCE };
const secrets = { rule: 'secrets', action: 'deny' };
const policy = (...rules: object[]) => ({ name: 'p', maxAgeHours: 72, rules });
const program = (bucket = SOURCE) => ({
  modules: [{ name: 'a.rego', source: 'package a' }],
  data: {},
  from: { bucket: bucket.bucket, prefix: bucket.prefix, versions: { 'a.rego': '1' } },
});

test('without files in a bucket a policy is activated as it was declared, byte for byte', () => {
  const declared = ` ${JSON.stringify(policy(secrets))}\n`;
  expect(
    withRegoRead(declared, () => {
      throw new Error('nothing to read');
    }),
  ).toBe(declared);
  expect(
    withRegoRead('no JSON', () => {
      throw new Error('nothing to read');
    }),
  ).toBe('no JSON');
});

test.each<[string, object]>([
  ['a policy', policy(secrets, IN_BUCKET)],
  ['a policy set, by default', { default: policy(IN_BUCKET), scoped: [] }],
  [
    'a policy set, for some',
    {
      default: policy(secrets),
      scoped: [{ repositories: [{ by: 'name', name: 'team/a' }], policy: policy(secrets, IN_BUCKET) }],
    },
  ],
])('files are read wherever they stand: %s', (_what, declared) => {
  const text = JSON.stringify(declared);
  expect(regoBuckets(text)).toEqual([SOURCE]);
  const activePolicy = withRegoRead(text, source => {
    expect(source).toEqual(SOURCE);
    return program();
  });
  expect(regoBuckets(activePolicy)).toEqual([]);
  expect(regoRead(activePolicy, SOURCE)).toEqual(program());
  expect(regoRead(activePolicy, OTHER)).toBeUndefined();
  expect(readPolicySet(activePolicy).ok).toBe(true);
});

test('each folder is read for itself, and what only warns stays so', () => {
  const text = JSON.stringify(policy(secrets, IN_BUCKET, { rule: 'rego', action: 'warn', ...OTHER }));
  const activePolicy = JSON.parse(withRegoRead(text, source => program(source)));
  expect(activePolicy.rules.map(({ action, from }: any) => [action, from?.prefix])).toEqual([
    ['deny', undefined],
    ['deny', 'policies/'],
    ['warn', 'other/'],
  ]);
});

test('what this version does not know is left as it is', () => {
  const text = JSON.stringify({
    ...policy(IN_BUCKET, { rule: 'quantum', action: 'deny', bucket: 'x' }),
    novel: 1,
  });
  expect(JSON.parse(withRegoRead(text, () => program()))).toMatchObject({
    novel: 1,
    rules: [{ rule: 'rego' }, { rule: 'quantum', bucket: 'x' }],
  });
});
