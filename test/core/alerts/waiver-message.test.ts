import { asChat, asText } from '../../../src/core/alerts/message';
import { waiverMessage } from '../../../src/core/alerts/waiver-message';
import { expiringEvent, rejectedEvent, unusedEvent } from '../../../src/core/events/waiver-events';
import { waiverOf } from '../../../src/core/waivers/waiver';
import { HOSTILE } from '../support/hostile';
import { NOW } from '../support/made';
import { entry, REASON, waiver } from '../waivers/made';

const problem = (line: number, message = 'owner is missing') => ({
  file: 'waivers.yaml',
  line,
  column: 5,
  message,
});

test('a waiver that ends: who must do what until when', () => {
  expect(
    asText(waiverMessage(expiringEvent(waiver({ ticket: 'SEC-1', expires: '2026-12-02' }), NOW))!).split(
      '\n',
    ),
  ).toEqual([
    'waiver expires in 7 days: CVE-2024-1',
    '',
    'where: team/*',
    'owner: platform@example.com',
    `reason: ${REASON}`,
    'ticket: SEC-1',
    'it holds until the end of 2026-12-02 (UTC); after that, what it covers is refused',
    '',
    'To fix:',
    '- fix what it covers, or assess the risk again and extend it',
  ]);
});

test('tomorrow is one day', () => {
  expect(waiverMessage(expiringEvent(waiver({ expires: '2026-11-26' }), NOW))!.subject).toBe(
    'waiver expires in 1 day: CVE-2024-1',
  );
});

test('a file that cannot be read: where, which lines, and that nothing changed', () => {
  expect(asText(waiverMessage(rejectedEvent('s3://bucket/waivers.yaml', [problem(3)]))!).split('\n')).toEqual(
    [
      'the waiver file cannot be read: 1 problem',
      '',
      'file: s3://bucket/waivers.yaml',
      'the previous waivers still count, until each of them expires',
      '- waivers.yaml:3:5: owner is missing',
      '',
      'To fix:',
      '- fix the named lines, and upload the file again',
    ],
  );
});

test('of many problems 20 are listed, and the rest is counted', () => {
  const { subject, lines } = waiverMessage(
    rejectedEvent(
      's3://bucket/waivers.yaml',
      Array.from({ length: 31 }, (_, line) => problem(line)),
    ),
  )!;
  expect(subject).toBe('the waiver file cannot be read: 31 problems');
  expect(lines.filter(line => line.startsWith('- '))).toHaveLength(21);
  expect(lines.at(-1)).toBe('- and 11 more');
});

test('waivers that cover nothing wake nobody', () => {
  expect(waiverMessage(unusedEvent([waiver()]))).toBeUndefined();
});

describe('rule 5.5, untrusted text: text that somebody else wrote', () => {
  const messages = (text: string) => {
    const stranger = waiverOf({
      ...entry(),
      id: text,
      owner: text,
      reason: text,
      ticket: text,
      repositories: [text],
    });
    return [expiringEvent(stranger, NOW), rejectedEvent('s3://bucket/waivers.yaml', [problem(1, text)])].map(
      event => waiverMessage(event)!,
    );
  };
  const linesOf = (text: string) => messages(text).map(message => asText(message).split('\n').length);

  test.each(HOSTILE)(
    'in an e-mail starts no line and no escape, and the subject is one that SNS takes: %j',
    text => {
      for (const message of messages(text)) {
        expect(message.subject).toMatch(/^[\x21-\x7e][\x20-\x7e]{0,98}$/);
        expect(asText(message).replaceAll('\n', '')).toMatch(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u);
      }
      expect(linesOf(text)).toEqual(linesOf('x'));
    },
  );

  test.each(HOSTILE)('in a chat starts no link, mention or code: %j', text => {
    for (const message of messages(text)) {
      const { content } = JSON.parse(asChat(message)) as {
        content: { title: string; description: string; nextSteps: string[] };
      };
      expect(
        [content.title, content.description, ...content.nextSteps].join('\n').replace(/&#\d+;/g, ''),
      ).not.toMatch(/[\\`*_{}[\]()<>~@|!]/);
    }
  });
});
