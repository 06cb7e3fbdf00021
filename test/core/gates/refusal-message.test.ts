import * as fc from 'fast-check';
import { asChat, asText } from '../../../src/core/alerts/message';
import { ScanFile, scanKey, verdictKey } from '../../../src/core/evidence/evidence-keys';
import { summarise, type Violation } from '../../../src/core/evidence/verdict';
import { answerText } from '../../../src/core/gates/answer';
import { gateAlert, type GateEvent } from '../../../src/core/gates/gate-alert';
import { refusalMessage } from '../../../src/core/gates/refusal-message';
import { newRow, type RegisterRow } from '../../../src/core/register/row';
import { withFailedScan, withVerdict } from '../../../src/core/register/transitions';
import { CAUSES, nextFailedScan } from '../../../src/core/scanning/failed-scan';
import { notLifted } from '../../../src/core/trust/break-glass';
import { decide } from '../../../src/core/trust/decide';
import { Reason, REFUSALS, refused, type Refused } from '../../../src/core/trust/refusal';
import { HOSTILE } from '../support/hostile';
import { failing, IMAGE, NOW, scanId, violation } from '../support/made';

const BUCKET = 'trusted-images-evidence';
/** Two images, what the template called them, and how they were let in. */
const LONGEST_PHYSICAL_ID = 'p'.repeat(985);
const bytes = (text: string) => Buffer.byteLength(text);
const failed = (violations: readonly Violation[], image = IMAGE): RegisterRow => {
  const verdict = failing({ image, violations: [...violations], violationCount: violations.length });
  return withVerdict(
    { ...newRow(image), kind: 'image' },
    summarise(verdict, { evidenceKey: verdictKey(image, verdict.verdictId), sha256: 'e' }, 5),
  );
};
const refusal = (row: RegisterRow) => decide(row.pk, row, [], NOW) as Refused;
const message = (row: RegisterRow, bucket = BUCKET) => refusalMessage(refusal(row), row, bucket);

/** CDK's assets, in the repository that all stacks of an account share. */
const ASSET = IMAGE.replace('team/app', 'cdk-hnb659fds-container-assets-111122223333-ap-northeast-1');
const LOCATIONS = [
  `verdict: s3://${BUCKET}/verdicts/000000000000/us-east-1/team/app@${'a'.repeat(64)}/${scanId(1)}.json`,
  `report: s3://${BUCKET}/scans/000000000000/us-east-1/team/app@${'a'.repeat(64)}/${scanId(1)}/report.json.gz`,
];
const REMEDY = `To fix: ${REFUSALS.FAILED.remedy}`;

describe('what stands in the events of a stack', () => {
  test('the finding, its rule, where to read on, and what to do', () => {
    const row = failed([
      violation(),
      violation({ rule: 'secrets', message: 'a private key in /k', remedy: 'take it out' }),
    ]);
    expect(message(row)).toBe(
      [
        `${IMAGE} is refused: it does not pass policy (2 violations, scan ${scanId(1)})`,
        '- vulnerabilities: CRITICAL CVE-1 in a 1; upgrade a to 2',
        '- secrets: a private key in /k; take it out',
        REMEDY,
        ...LOCATIONS,
      ].join('\n'),
    );
  });

  test('the worst three, where there are more', () => {
    const row = failed(Array.from({ length: 9 }, (_, at) => violation({ message: `CVE-${at}` })));
    expect(
      message(row)
        .split('\n')
        .filter(line => line.startsWith('- ')),
    ).toEqual([0, 1, 2].map(at => `- vulnerabilities: CVE-${at}; upgrade a to 2`));
  });

  test('of an image that nobody could judge: its cause, and what to do about that', () => {
    const row = withFailedScan(
      newRow(IMAGE),
      nextFailedScan(undefined, { cause: 'NOT_COVERED', detail: 'no packages' }, NOW),
    );
    expect(message(row)).toBe(
      `${IMAGE} is refused: its scan ended without a verdict (NOT_COVERED: no packages)\nTo fix: ${CAUSES.NOT_COVERED.remedy}`,
    );
  });

  test('of an index, whose images have reports, and it has none', () => {
    const row = failed([violation()]);
    expect(message({ ...row, verdict: { ...row.verdict!, kind: 'index' } })).not.toContain('report: ');
  });

  test.each(Reason.options)('%s: also where there is no row', reason => {
    expect(refusalMessage(refused(IMAGE, reason, 'detail'), undefined, BUCKET)).toBe(
      `${IMAGE} is refused: ${REFUSALS[reason].says} (detail)\nTo fix: ${REFUSALS[reason].remedy}`,
    );
  });
});

describe('CloudFormation drops a response of more than 4096 bytes whole', () => {
  test('a message has 1800 at most, and one line of visible characters each, whatever stands in it', () => {
    const text = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 900 }));
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        const row = failed([
          violation({ rule: a, message: b, remedy: c }),
          violation({ message: a + b + c }),
          violation({ remedy: c }),
        ]);
        for (const shown of [
          message(row),
          refusalMessage(refused(a, 'LOOKUP_FAILED', b, { remedy: c, worst: [a, b, c] }), row, BUCKET),
        ]) {
          expect(bytes(shown)).toBeLessThanOrEqual(1800);
          expect(bytes(JSON.stringify(shown))).toBeLessThanOrEqual(1802);
          expect(shown.split('\n').length).toBeLessThanOrEqual(7);
          expect(shown).not.toMatch(/[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/u);
        }
      }),
      { numRuns: 200 },
    );
  });

  test.each(['"', '\\', '漢', '😀', 'é', 'x'])(
    'what to do and where to read on are never cut away: names full of %s',
    character => {
      const long = character.repeat(5000);
      const shown = message(
        failed([violation({ message: long }), violation({ message: long }), violation({ message: long })]),
      );
      for (const part of [REMEDY, ...LOCATIONS, '- vulnerabilities: ']) expect(shown).toContain(part);
    },
  );

  test.each(['"', '\\', '漢', '😀', 'é', 'x'])(
    'nor of an image that nobody could judge, whose cause is full of %s',
    character => {
      const row = withFailedScan(
        failed([]),
        nextFailedScan(undefined, { cause: 'SCANNER_FAILED', detail: character.repeat(5000) }, NOW),
      );
      const shown = refusalMessage(
        decide(IMAGE, { ...row, verdict: undefined }, [], NOW) as Refused,
        row,
        BUCKET,
      );
      for (const part of [`To fix: ${CAUSES.SCANNER_FAILED.remedy}`, ...LOCATIONS]) {
        expect(shown).toContain(part);
      }
    },
  );

  test("nor in the repository of CDK's assets, with three findings of usual length", () => {
    const each = violation({
      message:
        'CRITICAL CVE-2023-44487 in golang.org/x/net/http2 v0.7.0: HTTP/2: Multiple HTTP/2 enabled web servers are vulnerable to a DDoS attack (Rapid Reset Attack), ' +
        'where rapid stream resets can cause excessive work on the server',
      remedy: 'upgrade golang.org/x/net to 0.17.0',
    });
    const shown = message(
      failed([each, each, each], ASSET),
      'securitystack-trustevidencebucketb2a3f9d1-1a2b3c4d5e6f',
    );
    expect(bytes(shown)).toBeLessThanOrEqual(1800);
    expect(shown).toContain(REMEDY);
    expect(shown).toMatch(/^verdict: s3:.*\.json\nreport: s3:.*\/report\.json\.gz$/m);
  });

  test.each([8, 60, 120, 200, 256])(
    "nor where a repository's name has %i characters, and findings are as long as they can be: these are shortened",
    length => {
      const image = IMAGE.replace('team/app', `team/${'r'.repeat(length - 5)}`).replace(
        'us-east-1',
        'ap-southeast-7',
      );
      const long = violation({ message: '"x" '.repeat(500) });
      const shown = message(failed([long, long, long], image), 'b'.repeat(63)).split('\n');
      expect(shown[0]).toMatch(/ is refused: it does not pass policy \(3 violations, scan .{26}\)$/);
      expect(shown.slice(-3)).toEqual([
        REMEDY,
        `verdict: s3://${'b'.repeat(63)}/${verdictKey(image, scanId(1))}`,
        `report: s3://${'b'.repeat(63)}/${scanKey(image, scanId(1), ScanFile.report)}`,
      ]);
      const findings = shown.slice(1, -3);
      expect(findings.length).toBeGreaterThanOrEqual(length < 256 ? 3 : 1);
      for (const line of findings) expect(line).toMatch(/^- vulnerabilities: "x" .{20,}…$/);
    },
  );

  test('nor is a finding cut that has room, where another one has none', () => {
    const short = violation({ message: 'short' });
    const shown = message(
      failed([short, violation({ message: '漢'.repeat(200) }), violation({ message: '漢'.repeat(200) })]),
    );
    expect(shown).toContain('- vulnerabilities: short; upgrade a to 2');
  });

  test('with all that an answer has beside it, where every name is as long as it can be: nothing of it is cut', () => {
    const image = IMAGE.replace('team/app', 'r'.repeat(256)).replace('us-east-1', 'ap-southeast-7');
    const long = violation({ message: '"'.repeat(500) });
    const row = failed([long, long, long], image);
    const refusedBy = { ...refusal(row), says: `${image} "${'"'.repeat(500)}`, remedy: '"'.repeat(500) };
    const reason = refusalMessage(refusedBy, row, 'b'.repeat(63));
    const asker = {
      ResponseURL: 'u'.repeat(5000),
      StackId: `arn:aws:cloudformation:ap-southeast-7:000000000000:stack/${'s'.repeat(128)}/${'0'.repeat(36)}`,
      RequestId: '0'.repeat(36),
      PhysicalResourceId: LONGEST_PHYSICAL_ID,
      LogicalResourceId: 'l'.repeat(255),
    };
    const text = answerText(asker, { reason });
    expect(bytes(text)).toBeLessThanOrEqual(4096);
    expect(JSON.parse(text).Reason).toBe(reason);
  });
});

describe('for people, where a gate let it pass all the same', () => {
  const row = failed([violation()]);
  const why = 'its gate only audits (Enforcement.audit)';
  const alertOf = (changes: Partial<GateEvent>) =>
    gateAlert(
      {
        outcome: 'deployed without trust',
        subject: 'team/app@sha256:aaaaaaaaaaaa',
        why,
        refusals: [{ of: 'the image', refused: refusal(row), row }],
        ...changes,
      },
      BUCKET,
    );

  test('says which image, why it was let in, why it is not trusted, and what to do', () => {
    expect(alertOf({})).toEqual({
      subject: 'deployed without trust: team/app@sha256:aaaaaaaaaaaa (FAILED)',
      title: 'deployed without trust: team/app@sha256:aaaaaaaaaaaa (FAILED)',
      lines: [
        why,
        `the image: ${IMAGE} is refused: it does not pass policy (1 violation, scan ${scanId(1)})`,
        '- vulnerabilities: CRITICAL CVE-1 in a 1; upgrade a to 2',
        ...LOCATIONS,
      ],
      nextSteps: [REFUSALS.FAILED.remedy],
    });
  });

  test('has a subject that SNS takes, whatever the repository is named', () => {
    const { subject } = alertOf({ subject: `team/${'a'.repeat(250)}` });
    expect(subject).toMatch(/^deployed without trust: [\x20-\x7e]{1,76}$/);
  });

  test.each(HOSTILE)('is written plainly, whatever stands in it: %j', text => {
    const hostile = failed([violation({ rule: text, message: text, remedy: text })]);
    const refusals = [{ of: text, refused: refusal(hostile), row: hostile }];
    const written = alertOf({ subject: text, why: text, refusals });
    expect(asText(written)).not.toMatch(/[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/u);
    expect(asChat(written)).not.toMatch(/[<>@]|\]\(/);
  });
});

test('why no grant lifts it is there, whatever else is cut, within the limit of an answer, and in the alert (rule 5.11, break-glass)', () => {
  const row = failed(
    Array.from({ length: 3 }, () => violation({ message: '"'.repeat(400) })),
    ASSET,
  );
  const all = { ...refusal(row), says: '"'.repeat(900), remedy: '"'.repeat(900) };
  const lifted = notLifted(all, 'break-glass grants could not be read', new Error('"'.repeat(900)));
  const shown = refusalMessage(lifted, row, BUCKET);
  expect(shown).toContain('\nno grant lifts this: break-glass grants could not be read (Error: ');
  expect(Buffer.byteLength(JSON.stringify(shown))).toBeLessThanOrEqual(1802);
  const of = 'the image';
  const event = {
    outcome: 'deployed without trust',
    subject: 'x',
    why: 'why',
    refusals: [{ of, refused: lifted, row }],
  } as const;
  expect(gateAlert(event, BUCKET).lines).toContain(lifted.notLifted);
});
