import { rego } from '../../../../src/core/policy/rules/rego';
import type { AskRego } from '../../../../src/core/rego/rego-program';
import { normalise } from '../../../../src/core/scanning/normalise';
import { RegoRuntime } from '../../../../src/runtime/rego-runtime';
import { regoEngineFile } from '../../../support/rego-engine';
import { ISSUE_POLICY } from '../../rego/issue-policy';
import { evaluateRecorded, IMAGE, policy, ruleInput, verdictOf } from '../../support/made';
import { report } from '../../support/reports';

const runtime = new RegoRuntime(regoEngineFile);

const ruleOf = (source: string, more: object = {}) =>
  policy([{ rule: 'rego', action: 'deny', modules: [{ name: 'policy.rego', source }], ...more }]);
const judge = (name: string, source: string, more: object = {}) =>
  evaluateRecorded(name, { policy: ruleOf(source, more), rego: runtime.ask });
const failureOf = (outcome: ReturnType<typeof judge>) => ('failure' in outcome ? outcome.failure : undefined);

describe('the policy of the guide, as it stands there', () => {
  const messagesOf = (name: string) =>
    verdictOf(judge(name, ISSUE_POLICY)).violations.map(({ message }) => message);

  test('passes an image with nothing of it', () => {
    expect(verdictOf(judge('clean', ISSUE_POLICY))).toMatchObject({
      outcome: 'PASS',
      violations: [],
      rules: [{ rule: 'rego', outcome: 'pass' }],
    });
  });

  test('fails a critical vulnerability that a version fixes, and secrets', () => {
    expect(messagesOf('fixable-critical')).toEqual([
      'CRITICAL CVE CVE-2021-44906 has available fix 0.2.4, 1.2.6',
    ]);
    expect(messagesOf('secret-deleted-later')).toEqual(
      ['/app/.env', '/root/.ssh/id_rsa', '/tmp/token.txt'].map(path =>
        expect.stringContaining(`Secret exposed in ${path}: `),
      ),
    );
  });
});

describe('what a policy says', () => {
  test('warnings are reported, denials refuse, in one rule', () => {
    const verdict = verdictOf(
      judge('clean', 'package a\ndeny contains "no" if false\nwarn contains "careful" if true'),
    );
    expect(verdict).toMatchObject({
      outcome: 'PASS',
      warnings: [{ rule: 'rego', message: 'careful' }],
      rules: [{ rule: 'rego', outcome: 'pass', count: 0 }],
    });
  });

  test('an object brings id, severity and remedy', () => {
    const verdict = verdictOf(
      judge(
        'clean',
        'package a\ndeny contains {"msg": "m", "id": "X-1", "severity": "HIGH", "remedy": "do it"} if true',
      ),
    );
    expect(verdict.violations).toEqual([
      { rule: 'rego', message: 'm', id: 'X-1', severity: 'HIGH', remedy: 'do it' },
    ]);
  });

  test('documents beside it are data', () => {
    const source = 'package a\ndeny contains sprintf("denied: %s", [name]) if some name in data.denied';
    expect(
      verdictOf(judge('clean', source, { data: { denied: ['x'] } })).violations.map(({ message }) => message),
    ).toEqual(['denied: x']);
  });

  test("a stranger's text is one line of visible characters (rule 5.5, untrusted text)", () => {
    const verdict = verdictOf(judge('clean', 'package a\ndeny contains "a\\u001b[31mb\\nc\\u202ed" if true'));
    expect(verdict.violations[0]!.message).toBe('ab cd');
  });

  test('of a rule that warns nothing refuses', () => {
    const warns = policy([
      { rule: 'secrets', action: 'deny' },
      { rule: 'rego', action: 'warn', modules: [{ name: 'p', source: ISSUE_POLICY }] },
    ]);
    expect(
      verdictOf(evaluateRecorded('fixable-critical', { policy: warns, rego: runtime.ask })),
    ).toMatchObject({ outcome: 'PASS', warnings: [{ rule: 'rego' }] });
  });

  describe('may be waived', () => {
    const waived = (name: string, id: string, scope: object) => {
      const waiver = {
        key: 'k',
        id,
        owner: 'alice',
        reason: 'because it is so',
        expires: '2026-12-01',
        repositories: ['team/app'],
        ...scope,
      };
      const source = `package a\ndeny contains {"msg": "m", "id": "${id}"} if true`;
      return verdictOf(
        evaluateRecorded(name, {
          policy: ruleOf(source),
          rego: runtime.ask,
          waivers: { revision: 1, waivers: [waiver] },
        }),
      );
    };

    test('while nothing fixes it only where the report says so of what it names', () => {
      const { id } = normalise(report('unfixed-only')).find(
        ({ fixedVersion }) => fixedVersion === undefined,
      )!;
      expect(waived('unfixed-only', id, { until: 'fixed' }).outcome).toBe('PASS');
      expect(waived('fixable-critical', 'CVE-2021-44906', { until: 'fixed' }).violations[0]!.message).toMatch(
        /expired at .*, since nothing says that no version fixes it$/,
      );
      expect(waived('clean', 'X-1', { until: 'fixed' })).toMatchObject({ outcome: 'FAIL' });
    });

    test('by digest only where it names a secret (rule 5.6, limits)', () => {
      const secret = normalise(report('secret-deleted-later')).find(({ type }) => type === 'secret')!.id;
      expect(waived('secret-deleted-later', secret, {}).outcome).toBe('FAIL');
      expect(
        waived('secret-deleted-later', secret, { repositories: undefined, digests: [IMAGE.split('@')[1]] })
          .outcome,
      ).toBe('PASS');
    });
  });

  test('may be waived by its rule or its id, and never by an id that is the name of a rule', () => {
    const source = (id: string) => `package a\ndeny contains {"msg": "m", "id": "${id}"} if true`;
    const waived = (id: string, of: string) => {
      const waiver = {
        key: 'k',
        id: of,
        repositories: ['team/app'],
        owner: 'alice',
        reason: 'because it is so',
        expires: '2026-12-01',
      };
      return verdictOf(
        evaluateRecorded('clean', {
          policy: ruleOf(source(id)),
          rego: runtime.ask,
          waivers: { revision: 1, waivers: [waiver] },
        }),
      ).outcome;
    };
    expect([
      waived('X-1', 'X-1'),
      waived('X-1', 'rego'),
      waived('X-1', 'X-2'),
      waived('runs-as-root', 'runs-as-root'),
    ]).toEqual(['PASS', 'PASS', 'FAIL', 'FAIL']);
  });
});

describe('what is neither yes nor no is a failure, and never PASS', () => {
  test.each<[string, string, string, RegExp]>([
    [
      'a policy that does not compile',
      'package a\ndeny contains x if y',
      'POLICY_INVALID',
      /^policy\.rego:2:\d+: rego_/,
    ],
    [
      'one that refuses nothing',
      'package a\nwarn contains "x" if true',
      'POLICY_INVALID',
      /no deny or violation rule/,
    ],
    [
      'an error of a builtin',
      'package a\ndeny contains "x" if to_number("x") > 1',
      'REGO_FAILED',
      /^REGO_ERROR: /,
    ],
    [
      'a value that is no message',
      'package a\ndeny := true',
      'REGO_FAILED',
      /^REGO_VALUE_INVALID: data\.a\.deny is true/,
    ],
  ])('%s', (_what, source, cause, detail) => {
    expect(failureOf(judge('clean', source))).toEqual({ cause, detail: expect.stringMatching(detail) });
  });

  test('no engine, or one that cannot be loaded', () => {
    expect(failureOf(evaluateRecorded('clean', { policy: ruleOf(ISSUE_POLICY) }))).toMatchObject({
      cause: 'POLICY_INVALID',
      detail: expect.stringContaining('no Rego engine'),
    });
    const lost = new RegoRuntime(() => {
      throw new Error('Cannot find module');
    });
    expect(
      failureOf(evaluateRecorded('clean', { policy: ruleOf(ISSUE_POLICY), rego: lost.ask })),
    ).toMatchObject({
      cause: 'POLICY_INVALID',
      detail: expect.stringContaining('the Rego engine cannot be loaded: Cannot find module'),
    });
  });

  test('files in a bucket that nobody read', () => {
    const inBucket = policy([{ rule: 'rego', action: 'deny', bucket: 'b', prefix: 'p/' }]);
    expect(failureOf(evaluateRecorded('clean', { policy: inBucket, rego: runtime.ask }))).toMatchObject({
      cause: 'POLICY_INVALID',
      detail: expect.stringContaining('s3://b/p/ were not read'),
    });
  });
});

test('more messages than anybody reads refuse all the same, and say how many there were', () => {
  const ask: AskRego = () => ({
    ok: true,
    value: {
      denials: [{ rule: 'data.a.deny', message: 'one' }],
      warnings: [],
      omitted: { denials: 7, warnings: 0 },
      prints: [],
    },
  });
  const outcome = rego.check(
    ruleInput('clean', { rego: program => ask(program, new Uint8Array(), new Date()) }),
    { rule: 'rego', action: 'deny', modules: [{ name: 'a', source: 'b' }] },
  );
  expect(outcome).toEqual({
    issues: [
      expect.objectContaining({ message: 'one' }),
      expect.objectContaining({ message: 'and 7 more messages' }),
    ],
    warnings: [],
  });
});
