import { alertMessage } from '../../../src/core/alerts/image-message';
import { asChat, asText } from '../../../src/core/alerts/message';
import { scanFailedEvent, verdictEvent, type VerdictOrFailure } from '../../../src/core/events/image-events';
import { nextFailedScan } from '../../../src/core/scanning/failed-scan';
import { HOSTILE } from '../support/hostile';
import { COMMAND, foreign, LINK } from '../support/inert';
import { failing, IMAGE, NOW, verdict, violation } from '../support/made';
import { COMMANDS, LINKS } from '../support/names';

const EVIDENCE = { bucket: 'evidence', verdictKey: 'verdicts/1.json', reportKey: 'scans/1/report.json.gz' };
const failed = (
  cause: 'UNSCANNABLE' | 'BUILD_FAULT',
  standing?: { outcome: 'PASS' | 'FAIL'; validUntil: string },
) =>
  scanFailedEvent(IMAGE, nextFailedScan(undefined, { cause, detail: 'its layers are gone' }, NOW), {
    tags: ['v1'],
    standing,
  });

describe('whether anybody must know', () => {
  test.each<[string, VerdictOrFailure, boolean]>([
    ['a first FAIL', verdictEvent(failing(), { changed: true, evidence: EVIDENCE }), true],
    [
      'a FAIL after a PASS',
      verdictEvent(failing(), { changed: true, previous: verdict(), evidence: EVIDENCE }),
      true,
    ],
    [
      'a FAIL that says something else',
      verdictEvent(failing(), { changed: true, previous: failing({ violations: [] }), evidence: EVIDENCE }),
      true,
    ],
    [
      'a FAIL that says the same',
      verdictEvent(failing(), { changed: false, previous: failing(), evidence: EVIDENCE }),
      false,
    ],
    ['a first PASS', verdictEvent(verdict(), { changed: true, evidence: EVIDENCE }), false],
    [
      'a renewed PASS',
      verdictEvent(verdict(), { changed: false, previous: verdict(), evidence: EVIDENCE }),
      false,
    ],
    [
      'a PASS after a FAIL',
      verdictEvent(verdict(), { changed: true, previous: failing(), evidence: EVIDENCE }),
      true,
    ],
    ['a scan that is tried again', failed('BUILD_FAULT'), false],
    ['a scan that is not', failed('UNSCANNABLE'), true],
  ])('%s: %s', (_, event, tells) => {
    expect(alertMessage(event) !== undefined).toBe(tells);
  });
});

describe('a message that a person can act on', () => {
  test('says what, where, since when, and what to do', () => {
    const text = asText(
      alertMessage(
        verdictEvent(failing(), { tags: ['v1'], changed: true, previous: verdict(), evidence: EVIDENCE }),
      )!,
    );
    expect(text.split('\n')).toEqual([
      'FAIL: team/app:v1@sha256:aaaaaaaaaaaa',
      '',
      `image: ${IMAGE}`,
      'verdict: FAIL (before: PASS), valid until 2026-11-28T02:00:00.000Z, policy test revision 1',
      'findings: 1 CRITICAL, 1 MEDIUM; violations: 1 (1 new, 0 resolved)',
      '- CRITICAL CVE-2021-44906 in minimist 0.0.8 (app/node_modules/minimist/package.json): minimist: prototype pollution in setKey; upgrade minimist to 0.2.4, 1.2.6',
      'verdict document: s3://evidence/verdicts/1.json',
      'report: s3://evidence/scans/1/report.json.gz',
      '',
      'To fix:',
      '- upgrade minimist to 0.2.4, 1.2.6',
    ]);
  });

  test('lists five, counts the rest, and says each remedy once', () => {
    const violations = Array.from({ length: 20 }, (_, at) =>
      violation({ fingerprint: String(at), platform: 'linux/arm64' }),
    );
    const { lines, nextSteps } = alertMessage(
      verdictEvent(failing({ violations, violationCount: 700 }), { changed: true, evidence: EVIDENCE }),
    )!;
    expect(lines.filter(line => line.startsWith('- '))).toEqual([
      ...new Array<string>(5).fill('- [linux/arm64] CRITICAL CVE-1 in a 1; upgrade a to 2'),
      '- and 695 more',
    ]);
    expect(nextSteps).toEqual(['upgrade a to 2']);
  });

  test.each([
    [undefined, 'the image has no verdict, so it is not trusted'],
    [
      { outcome: 'PASS' as const, validUntil: NOW.toISOString() },
      `its verdict PASS stands until ${NOW.toISOString()}`,
    ],
  ])('of a scan that failed, where %j stands', (standing, line) => {
    const { subject, lines, nextSteps } = alertMessage(failed('UNSCANNABLE', standing))!;
    expect(subject).toBe('ERROR UNSCANNABLE: team/app:v1@sha256:aaaaaaaaaaaa');
    expect(lines).toContain(line);
    expect(lines).toContain('the scan is indeterminate: its layers are gone');
    expect(nextSteps).toHaveLength(1);
  });
});

describe("a stranger's text in it (rule 5.5, untrusted text)", () => {
  const message = (text: string) =>
    alertMessage(
      verdictEvent(
        failing({
          violations: [violation({ message: text, remedy: text, platform: text })],
          policy: { name: text, revision: 1, sha256: '' },
        }),
        { tags: [text], changed: true, evidence: EVIDENCE },
      ),
    )!;

  test.each(HOSTILE)(
    'as an e-mail: it starts no line and no escape, and the subject is one that SNS takes: %j',
    text => {
      const { subject } = message(text);
      expect(subject).toMatch(/^[\x21-\x7e][\x20-\x7e]{0,98}$/);
      const mail = asText(message(text));
      expect(mail.replaceAll('\n', '')).toMatch(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u);
      expect(mail.split('\n').length).toBe(asText(message('x')).split('\n').length);
    },
  );

  test.each(HOSTILE)('as a chat message: it is JSON, and starts no link, mention or code: %j', text => {
    const { content } = JSON.parse(asChat(message(text)));
    const shown = [content.title, content.description, ...content.nextSteps].join('\n');
    expect(shown.replace(/&#\d+;/g, '')).not.toMatch(/[\\`*_{}[\]()<>~@|!]/);
    expect(content.description.length).toBeLessThanOrEqual(8000);
    expect(content.description.split('\n').length).toBeLessThanOrEqual(7);
  });

  test.each([...COMMANDS, ...LINKS])('neither a link nor a command, in an e-mail and in a chat: %j', text => {
    const failure = alertMessage(
      scanFailedEvent(IMAGE, nextFailedScan(undefined, { cause: 'UNSCANNABLE', detail: text }, NOW), {
        tags: ['v1'],
      }),
    )!;
    for (const alert of [message(text), failure]) {
      const { content } = JSON.parse(asChat(alert));
      const chat = [content.title, content.description, ...content.nextSteps].join('\n');
      expect(chat).not.toMatch(/[a-z0-9]:\/\//i);
      for (const line of [...asText(alert).split('\n'), ...chat.split('\n')]) {
        expect(foreign(line)).not.toMatch(LINK);
        expect(line).not.toMatch(COMMAND);
      }
    }
  });

  test.each(HOSTILE)('a detail of a failure: %j', text => {
    const failure = alertMessage(
      scanFailedEvent(IMAGE, nextFailedScan(undefined, { cause: 'UNSCANNABLE', detail: text }, NOW), {
        tags: [text],
      }),
    )!;
    expect(asText(failure).split('\n')).toHaveLength(9);
    expect(() => JSON.parse(asChat(failure))).not.toThrow();
  });
});
