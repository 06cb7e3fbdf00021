import { evaluate, type Evaluation } from '../../../src/core/evaluation/evaluate';
import { gracePeriodKey } from '../../../src/core/evaluation/grace-periods';
import { Verdict } from '../../../src/core/evidence/verdict';
import { Limit } from '../../../src/core/limits';
import { normalise } from '../../../src/core/scanning/normalise';
import { parseWaivers } from '../../../src/core/waivers/document';
import { fromTrivyIgnore } from '../../../src/core/waivers/trivy-ignore';
import { evaluateRecorded, IMAGE, minutes, NOW, policy, verdictOf } from '../support/made';
import { report } from '../support/reports';

const DAY = 24 * 60;
const CRITICAL = { rule: 'vulnerabilities', action: 'deny', severities: ['CRITICAL'], onlyFixed: false };
const WITH_GRACE_PERIOD = policy([{ ...CRITICAL, graceDays: { CRITICAL: 7 } }]);
const STRICT = policy([CRITICAL]);
const FINDING = normalise(report('fixable-critical')).find(({ severity }) => severity === 'CRITICAL')!;
const TRUSTED = {
  outcome: 'PASS' as const,
  validUntil: minutes(DAY).toISOString(),
  database: { updatedAt: '2026-11-01T00:00:00.000Z' },
  firstSeen: {},
  waivedBy: {},
};

const judged = (name: string, changes: Partial<Omit<Evaluation, 'scan'>>) => {
  const outcome = evaluateRecorded(name, changes);
  const verdict = verdictOf(outcome);
  expect(Verdict.parse(verdict)).toEqual(verdict);
  return { verdict, opened: (outcome as Extract<ReturnType<typeof evaluate>, { verdict: Verdict }>).opened };
};

function waivers(changes: object = {}) {
  const entry = {
    id: FINDING.id,
    repositories: ['team/app'],
    owner: 'alice@example.com',
    reason: 'not reachable from any input',
    expires: '2026-11-26',
    ...changes,
  };
  const parsed = parseWaivers(JSON.stringify({ version: 1, waivers: [entry] }));
  if (!parsed.ok) throw new Error(parsed.error.join('; '));
  return { revision: 4, sha256: 'w', waivers: parsed.value };
}

describe('a grace period (rule 4.5, expiry and grace periods)', () => {
  test('opens for what is found in an image that was trusted: it passes until then, and the verdict says what, since when and until when', () => {
    const { verdict, opened } = judged('fixable-critical', { policy: WITH_GRACE_PERIOD, previous: TRUSTED });
    expect(verdict).toMatchObject({ outcome: 'PASS', violations: [], violating: [] });
    expect(verdict.deadlines).toEqual([
      expect.objectContaining({
        rule: 'vulnerabilities',
        id: FINDING.id,
        since: NOW.toISOString(),
        due: minutes(7 * DAY).toISOString(),
        remedy: expect.stringMatching(/^upgrade /),
      }),
    ]);
    expect(verdict.rules).toEqual([
      { rule: 'vulnerabilities', action: 'deny', outcome: 'pass', count: 0, waived: 0, deferred: 1 },
    ]);
    expect([...opened]).toEqual([[gracePeriodKey(FINDING), NOW.toISOString()]]);
    expect(verdict.validUntil).toBe(verdict.scanHoldsUntil); // 72 hours end before it
  });

  test('bounds how long the verdict holds', () => {
    const gracePeriods = new Map([[gracePeriodKey(FINDING), minutes(-6 * DAY).toISOString()]]);
    const { verdict, opened } = judged('fixable-critical', {
      policy: WITH_GRACE_PERIOD,
      previous: TRUSTED,
      gracePeriods,
    });
    expect(verdict.validUntil).toBe(minutes(DAY).toISOString());
    expect(opened.size).toBe(0);
  });

  test('that ended refuses, and says when it ended', () => {
    const gracePeriods = new Map([[gracePeriodKey(FINDING), minutes(-7 * DAY).toISOString()]]);
    const { verdict } = judged('fixable-critical', {
      policy: WITH_GRACE_PERIOD,
      previous: TRUSTED,
      gracePeriods,
    });
    expect(verdict.outcome).toBe('FAIL');
    expect(verdict.violations[0]!.message).toMatch(
      /; its 7 days to be fixed, counted from 2026-11-18T02:00:00.000Z, ended at 2026-11-25T02:00:00.000Z$/,
    );
  });

  test("is the repository's: a new image with what the repository had keeps the time that is left", () => {
    const gracePeriods = new Map([[gracePeriodKey(FINDING), minutes(-6 * DAY).toISOString()]]);
    expect(judged('fixable-critical', { policy: WITH_GRACE_PERIOD, gracePeriods }).verdict).toMatchObject({
      outcome: 'PASS',
      validUntil: minutes(DAY).toISOString(),
    });
  });

  test.each<[string, Partial<Evaluation>]>([
    ['what a new image brings, and a version fixes', {}],
    ['what was refused before', { previous: { ...TRUSTED, outcome: 'FAIL' } }],
    ['an image whose trust had expired', { previous: { ...TRUSTED, validUntil: NOW.toISOString() } }],
    ['what was waived until now', { previous: { ...TRUSTED, waivedBy: { key: [FINDING.fingerprint] } } }],
    [
      'a repository that had more than anybody keeps',
      {
        previous: TRUSTED,
        gracePeriods: new Map(
          Array.from({ length: Limit.openGracePeriods }, (_, at) => [String(at), NOW.toISOString()]),
        ),
      },
    ],
    ['a rule without one', { previous: TRUSTED, policy: STRICT }],
  ])('does not open for %s: it is refused at once', (_what, changes) => {
    const { verdict, opened } = judged('fixable-critical', { policy: WITH_GRACE_PERIOD, ...changes });
    expect(verdict.outcome).toBe('FAIL');
    expect(opened.size).toBe(0);
  });

  test('opens for what no version fixes, also in a new image', () => {
    const { verdict, opened } = judged('unfixed-only', { policy: WITH_GRACE_PERIOD });
    expect(verdict).toMatchObject({
      outcome: 'PASS',
      deadlines: [expect.objectContaining({ due: minutes(7 * DAY).toISOString() })],
    });
    expect(opened.size).toBe(1);
  });

  test('changes nothing of a rule that only warns', () => {
    const { verdict } = judged('fixable-critical', {
      policy: policy([
        { rule: 'secrets', action: 'deny' },
        { ...CRITICAL, action: 'warn', graceDays: { CRITICAL: 7 } },
      ]),
      previous: TRUSTED,
    });
    expect(verdict).toMatchObject({
      warnings: [expect.objectContaining({ id: FINDING.id })],
      deadlines: [],
      validUntil: verdict.scanHoldsUntil,
    });
  });
});

describe('a waiver', () => {
  test('covers, for as long as it holds: the verdict says what, who, why and until when', () => {
    const { verdict } = judged('fixable-critical', { policy: STRICT, waivers: waivers() });
    expect(verdict).toMatchObject({
      outcome: 'PASS',
      violations: [],
      waivers: { revision: 4, sha256: 'w' },
      validUntil: '2026-11-26T23:59:59.999Z',
    });
    expect(verdict.waived).toEqual([
      expect.objectContaining({
        id: FINDING.id,
        rule: 'vulnerabilities',
        action: 'deny',
        waiver: {
          key: expect.stringMatching(/^[0-9a-f]{32}$/),
          owner: 'alice@example.com',
          reason: 'not reachable from any input',
          until: '2026-11-26T23:59:59.999Z',
        },
      }),
    ]);
    expect(Object.values(verdict.waivedBy)).toEqual([[FINDING.fingerprint]]);
    expect(verdict.rules[0]).toMatchObject({ outcome: 'pass', count: 0, waived: 1 });
  });

  test.each<[string, object, RegExp]>([
    [
      'of yesterday',
      { expires: '2026-11-24' },
      /; the waiver of alice@example\.com expired at 2026-11-24T23:59:59\.999Z$/,
    ],
    [
      'while there is no fix, of what a version fixes',
      { until: 'fixed' },
      /; the waiver of alice@example\.com expired at 2026-11-25T02:00:00\.000Z, since a version fixes it$/,
    ],
    ['of another repository', { repositories: ['team/other'] }, /^[^;]*$/],
    ['of another image', { digests: [`sha256:${'b'.repeat(64)}`] }, /^[^;]*$/],
    ['of another finding', { id: 'CVE-1' }, /^[^;]*$/],
  ])('%s covers nothing, and one that expired is named', (_what, changes, message) => {
    const { verdict } = judged('fixable-critical', { policy: STRICT, waivers: waivers(changes) });
    expect(verdict).toMatchObject({ outcome: 'FAIL', waived: [], waivedBy: {} });
    expect(verdict.violations[0]!.message).toMatch(message);
  });

  test('covers what a rule says of the image as a whole, by the name of the rule', () => {
    expect(judged('root', { waivers: waivers({ id: 'runs-as-root' }) }).verdict).toMatchObject({
      outcome: 'PASS',
      waived: [{ rule: 'runs-as-root', message: expect.any(String) }],
    });
  });

  test.each(['DS-0002', 'AVD-DS-0002', 'DS002', 'least-privilege-user'])(
    'covers a check by each of the names that Trivy knows it by: %s in .trivyignore',
    name => {
      const { owner, reason, expires, repositories } = waivers().waivers[0]!;
      const defaults = { owner, reason, expires, repositories };
      const read = fromTrivyIgnore(`${name}\n`, '.trivyignore', { maxLifeDays: 90, now: NOW, defaults });
      if (!read.ok) throw new Error(JSON.stringify(read.error));
      const checks = policy([
        { rule: 'misconfigurations', action: 'deny', severities: ['HIGH'] },
        { rule: 'secrets', action: 'deny' },
      ]);
      const { verdict } = judged('root', {
        policy: checks,
        waivers: { revision: 4, sha256: 'w', waivers: read.value },
      });
      expect(verdict).toMatchObject({ outcome: 'PASS', waived: [{ id: 'DS-0002' }], violations: [] });
    },
  );

  test.each(['DS-2', 'DS-0003', 'DS-00020', 'ds-0002', 'docker-least-privilege-user', 'AVD-DS002'])(
    'does not cover a check by a name that Trivy does not know: %s',
    id => {
      const checks = policy([{ rule: 'misconfigurations', action: 'deny', severities: ['HIGH'] }]);
      expect(judged('root', { policy: checks, waivers: waivers({ id }) }).verdict).toMatchObject({
        outcome: 'FAIL',
        waived: [],
      });
    },
  );

  test('covers a secret by digest only (rule 5.6, limits)', () => {
    const secret = normalise(report('secret-deleted-later')).find(({ type }) => type === 'secret')!;
    const { digests, ...repository } = {
      digests: [IMAGE.split('@')[1]],
      repositories: ['team/app'],
      id: secret.id,
    };
    const waived = (changes: object) =>
      judged('secret-deleted-later', { waivers: waivers(changes) }).verdict.waived.map(({ id }) => id);
    expect(waived(repository)).toEqual([]);
    expect(new Set(waived({ ...repository, digests }))).toEqual(new Set([secret.id]));
  });

  test('of a warning bounds nothing', () => {
    const warns = policy([
      { rule: 'secrets', action: 'deny' },
      { ...CRITICAL, action: 'warn' },
    ]);
    const { verdict } = judged('fixable-critical', { policy: warns, waivers: waivers() });
    expect(verdict).toMatchObject({
      outcome: 'PASS',
      warnings: [],
      waived: [{ action: 'warn' }],
      validUntil: verdict.scanHoldsUntil,
    });
  });

  test('comes before a grace period, which it neither opens nor spends', () => {
    const { verdict, opened } = judged('fixable-critical', {
      policy: WITH_GRACE_PERIOD,
      previous: TRUSTED,
      waivers: waivers(),
    });
    expect(verdict).toMatchObject({ deadlines: [], waived: [expect.anything()] });
    expect(opened.size).toBe(0);
  });
});
