import { readPolicy } from '../../../src/core/policy/policy';
import { STANDARD } from '../support/made';

const SECRETS = { rule: 'secrets', action: 'deny' };
const document = (changes: object = {}) =>
  JSON.stringify({ name: 'mine', maxAgeHours: 72, rules: [SECRETS], ...changes });

function problems(text: string): string[] {
  const policy = readPolicy(text);
  return policy.ok ? [] : policy.error;
}

describe('a policy document', () => {
  test('is read as it was written', () => {
    expect(readPolicy(JSON.stringify(STANDARD.document))).toEqual({ ok: true, value: STANDARD.document });
  });

  test.each([
    ['no JSON', '{', /^policy: /],
    ['no object', '[]', /^policy: /],
    ['no name', document({ name: undefined }), /^name: /],
    ['an empty name', document({ name: '' }), /^name: /],
    ['a key that nobody knows', document({ waivers: [] }), /waivers/],
    ['no rules', document({ rules: [] }), /^rules: /],
    ['an age of nothing', document({ maxAgeHours: 0 }), /^maxAgeHours: /],
    ['an age of half an hour', document({ maxAgeHours: 0.5 }), /^maxAgeHours: /],
    ['an age of a year', document({ maxAgeHours: 24 * 365 }), /^maxAgeHours: /],
    [
      'nothing that denies',
      document({ rules: [{ ...SECRETS, action: 'warn' }] }),
      /no rule refuses anything/,
    ],
    [
      'an action that nobody knows',
      document({ rules: [{ ...SECRETS, action: 'ignore' }] }),
      /^rules\.0\.action: /,
    ],
    [
      'a rule that nobody knows',
      document({ rules: [{ rule: 'secret', action: 'deny' }] }),
      /no rule is called "secret", allowed: coverage, database-age, /,
    ],
    [
      "a rule of Object's",
      document({ rules: [{ rule: 'constructor', action: 'deny' }] }),
      /no rule is called "constructor"/,
    ],
    [
      'a misspelt parameter',
      document({ rules: [{ ...SECRETS, severities: ['CRITICAL'] }] }),
      /^rules\.0: .*severities/,
    ],
    [
      'a missing parameter',
      document({ rules: [{ rule: 'vulnerabilities', action: 'deny', severities: ['CRITICAL'] }] }),
      /^rules\.0\.onlyFixed: /,
    ],
    [
      'no severity',
      document({ rules: [{ rule: 'vulnerabilities', action: 'deny', severities: [], onlyFixed: true }] }),
      /^rules\.0\.severities: /,
    ],
    [
      'a severity in small letters',
      document({
        rules: [{ rule: 'vulnerabilities', action: 'deny', severities: ['critical'], onlyFixed: true }],
      }),
      /^rules\.0\.severities\.0: /,
    ],
    [
      'an age of a database of nothing',
      document({ rules: [SECRETS, { rule: 'database-age', action: 'deny', maxHours: 0 }] }),
      /^rules\.1\.maxHours: /,
    ],
    [
      'text for a flag',
      document({
        rules: [{ rule: 'vulnerabilities', action: 'deny', severities: ['CRITICAL'], onlyFixed: 'true' }],
      }),
      /^rules\.0\.onlyFixed: /,
    ],
  ])('with %s is refused, and says where', (_, text, problem) => {
    expect(problems(text)).toContainEqual(expect.stringMatching(problem));
  });

  test('every problem is named, not just the first', () => {
    expect(
      problems(document({ name: '', maxAgeHours: 0, rules: [{ rule: 'nothing', action: 'deny' }] })),
    ).toHaveLength(3);
  });
});
