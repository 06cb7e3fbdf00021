import { createHash } from 'node:crypto';
import { fakeRegister } from './fakes';
import { explanationLines } from '../../../cli/stack/explain';
import { summarise, type Verdict } from '../../../src/core/evidence/verdict';
import { PRESETS } from '../../../src/core/policy/presets';
import { newRow } from '../../../src/core/register/row';
import { withVerdict } from '../../../src/core/register/transitions';
import { explainImage } from '../../../use-cases/deployed-trust/explain-image';
import { HOSTILE } from '../../core/support/hostile';
import { failing, IMAGE, minutes, NOW, verdict, violation } from '../../core/support/made';
import { LocalKey } from '../../core/support/signing';

const keys = { all: async () => [new LocalKey('ours').verification] };
const policies = { policy: async () => ({ revision: 1 }) };

async function explained(
  of: Verdict | undefined,
  read = (bytes: Uint8Array, _key: string): Uint8Array | undefined => bytes,
  hasPage = true,
) {
  if (of === undefined) {
    return explainImage(
      IMAGE,
      {
        register: fakeRegister(),
        keys,
        policies,
        evidence: { read: async () => undefined, has: async () => false },
        evidenceBucket: 'evidence',
      },
      NOW,
    );
  }
  const bytes = Buffer.from(JSON.stringify(of));
  const summary = summarise(
    of,
    { evidenceKey: 'verdicts/x.json', sha256: createHash('sha256').update(bytes).digest('hex') },
    5,
  );
  const row = { ...withVerdict(newRow(IMAGE), summary), kind: 'image' as const };
  return explainImage(
    IMAGE,
    {
      register: fakeRegister(row),
      keys,
      policies,
      evidence: { read: async (key: string) => read(bytes, key), has: async () => hasPage },
      evidenceBucket: 'evidence',
    },
    NOW,
  );
}

test('tells each rule, what is behind it, and where it lies', async () => {
  const lines = explanationLines(await explained(failing())).join('\n');
  expect(lines).toMatch(/is refused: it does not pass policy/);
  expect(lines).toMatch(
    /\nverdict +FAIL of 2026-[^\n]+\nscan [^\n]+ because of: push\nscanner +Trivy 0\.74\.0, database of 2026-11-24 06:00Z\npackages +5 files declare packages: 3 in Trivy's report, [^\n]+\npolicy +test, revision 1/,
  );
  expect(lines).toMatch(
    /\nRULE +ACTION +OUTCOME +COUNT +WAIVED +LATER\n(?:[^\n]+\n)*vulnerabilities +deny +violated +1 +0 +0\n/,
  );
  expect(lines).toMatch(/\nviolations:\n- vulnerabilities: CRITICAL [^\n]+\n/);
  expect(lines).toMatch(
    /\nverdict +s3:\/\/evidence\/verdicts\/x\.json\npage +s3:\/\/evidence\/scans\/[^\n]+\/report\.html\nreport +s3:\/\/evidence\/scans\/[^\n]+\/report\.json\.gz\nsbom +s3:[^\n]+\npolicy +s3:/,
  );
});

test('of a verdict of an earlier version it says nothing of packages', async () => {
  const { declared: _declared, ...earlier } = failing();
  expect(explanationLines(await explained(earlier)).join('\n')).not.toContain('\npackages ');
});

test('names no page that was not found', async () => {
  const found = await explained(failing(), undefined, false);
  expect(found.places).not.toHaveProperty('page');
  expect(explanationLines(found).at(-1)).toMatch(/^page +none was found: /);
});

test('who waived what, and what may be fixed later', async () => {
  const waiver = {
    key: 'k',
    owner: 'a@example.com',
    reason: 'assessed in full',
    until: '2026-12-24T23:59:59.999Z',
  };
  const lines = explanationLines(
    await explained(
      verdict({
        waived: [{ ...violation(), action: 'deny', waiver }],
        deadlines: [
          { ...violation({ id: 'CVE-2' }), since: NOW.toISOString(), due: minutes(60).toISOString() },
        ],
      }),
    ),
  );
  expect(lines).toContain('- CVE-1, until 2026-12-24 by a@example.com: assessed in full');
  expect(lines).toContain('- CVE-2, until 2026-11-25 03:00Z');
});

test('two rules of one name are told apart by the policy that judged', async () => {
  const document = JSON.stringify({ ...PRESETS.strict, rules: PRESETS.strict.rules });
  const sha256 = createHash('sha256').update(document).digest('hex');
  const rules = PRESETS.strict.rules.map(({ rule, action }) => ({
    rule,
    action,
    outcome: 'pass' as const,
    count: 0,
    waived: 0,
    deferred: 0,
  }));
  const judged = verdict({ rules, policy: { name: 'strict', revision: 1, sha256 } });
  const lines = (policy: Uint8Array | undefined) => async () =>
    explanationLines(
      await explained(judged, (bytes, key) => (key === `policies/${sha256}.json` ? policy : bytes)),
    ).filter(line => line.startsWith('vulnerabilities'));
  expect(await lines(Buffer.from(document))()).toEqual([
    expect.stringMatching(
      /^vulnerabilities \(severities: CRITICAL, HIGH, UNKNOWN; onlyFixed: true; .*\) +deny /,
    ),
    expect.stringMatching(/^vulnerabilities \(severities: CRITICAL; onlyFixed: false\) +warn /),
  ]);
  for (const other of [undefined, Buffer.from(document.replace('HIGH', 'LOW'))]) {
    expect(await lines(other)()).toEqual([
      expect.stringMatching(/^vulnerabilities +deny /),
      expect.stringMatching(/^vulnerabilities +warn /),
    ]);
  }
});

test('lists the images of an index, which has no report of its own', async () => {
  const digest = `sha256:${'b'.repeat(64)}`;
  const found = await explained(
    verdict({
      kind: 'index',
      children: [{ digest, platform: 'linux/amd64', outcome: 'PASS', verdictId: verdict().verdictId }],
    }),
  );
  expect(explanationLines(found)).toContain(`- linux/amd64 ${digest} PASS`);
  expect(found.places).not.toHaveProperty('report');
});

test('says how much more there is', async () => {
  const many = Array.from({ length: 30 }, (_, index) => violation({ fingerprint: String(index) }));
  expect(explanationLines(await explained(failing({ violations: many, violationCount: 700 })))).toContain(
    '- and 680 more',
  );
});

test('where nobody judged it there is nothing to explain but that', async () => {
  const lines = explanationLines(await explained(undefined));
  expect(lines).toEqual([
    expect.stringContaining('it has not been judged yet'),
    expect.stringMatching(/^To fix: /),
  ]);
});

test.each<[string, (bytes: Uint8Array) => Uint8Array | undefined]>([
  ['is not there', () => undefined],
  ['is another one', bytes => Buffer.from(Buffer.from(bytes).toString().replace('FAIL', 'PASS'))],
])('a verdict in the evidence that %s explains nothing', async (_, read) => {
  await expect(explained(failing(), read)).rejects.toThrow(/is not what the register says/);
});

test.each(HOSTILE)('%j in what an image says of itself is shown as visible characters', async text => {
  const said = violation({ message: text, remedy: text, id: text, package: text, platform: text });
  const deadline = { ...said, since: NOW.toISOString(), due: NOW.toISOString() };
  const found = await explained(failing({ violations: [said], warnings: [said], deadlines: [deadline] }));
  for (const line of explanationLines(found)) expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
});

test('a held FAIL: that gates admit it, until when and why, beside what refuses it (rule 5.13, the brake)', async () => {
  const { verdict: of, ...found } = await explained(failing());
  const decision = {
    trusted: true as const,
    image: IMAGE,
    validUntil: minutes(60).toISOString(),
    heldBecause: 'more than 20 % of the trusted images failed policy',
  };
  const lines = explanationLines({ ...found, verdict: of, decision }).join('\n');
  expect(lines).toMatch(
    /^\S+ is admitted: its revocation is held by the brake until 2026-11-25T03:00:00.000Z, because more than 20 %/,
  );
  expect(lines).toMatch(/\nverdict +FAIL of /);
  expect(lines).toMatch(/\nviolations:\n- vulnerabilities: CRITICAL /);
});
