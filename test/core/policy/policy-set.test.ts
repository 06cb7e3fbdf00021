import { policyFor, readPolicySet } from '../../../src/core/policy/policy-set';

const policy = (name: string) => ({ name, maxAgeHours: 72, rules: [{ rule: 'secrets', action: 'deny' }] });
const BOOK = {
  default: policy('standard'),
  scoped: [
    { repositories: [{ by: 'prefix', prefix: 'sandbox/' }], policy: policy('lenient') },
    {
      repositories: [
        { by: 'name', name: 'sandbox/pay' },
        { by: 'prefix', prefix: 'pay/' },
      ],
      policy: policy('strict'),
    },
  ],
};

test.each([
  ['team/app', 'standard'],
  ['sandbox/app', 'lenient'],
  ['pay/api', 'strict'],
  ['sandbox/pay', 'lenient'],
  ['sandbox', 'standard'],
])('%s is judged by %s: the first that names it', (repository, name) => {
  const set = readPolicySet(JSON.stringify(BOOK));
  expect(set.ok && policyFor(set.value, repository).name).toBe(name);
});

test('a policy of before there were policy sets is the default', () => {
  const set = readPolicySet(JSON.stringify(policy('old')));
  expect(set.ok && policyFor(set.value, 'team/app').name).toBe('old');
});

test.each<[string, unknown, RegExp]>([
  ['no JSON', undefined, /^policy: /],
  ['a mistake in the default', { ...BOOK, default: { ...policy('x'), rules: [] } }, /^default\.rules: /],
  [
    'a mistake in another one',
    {
      ...BOOK,
      scoped: [
        { ...BOOK.scoped[0], policy: { ...policy('x'), rules: [{ rule: 'quantum', action: 'deny' }] } },
      ],
    },
    /^scoped\.0\.policy\.rules\.0: no rule is called "quantum"/,
  ],
  [
    'no repositories',
    { ...BOOK, scoped: [{ repositories: [], policy: policy('x') }] },
    /^scoped\.0\.repositories: /,
  ],
  ['a misspelt key', { ...BOOK, scopes: [] }, /unrecognized key/i],
  ['a mistake in a single one', { ...policy('x'), rules: [] }, /^rules: /],
])('%s is told where it is', (_what, document, message) => {
  const set = readPolicySet(document === undefined ? '{' : JSON.stringify(document));
  expect(set.ok ? '' : set.error.join('\n')).toMatch(message);
});
