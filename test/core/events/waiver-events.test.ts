import { EVENT_SOURCE } from '../../../src/core/events/image-events';
import { readEvent } from '../../../src/core/events/our-events';
import {
  expiringEvent,
  rejectedEvent,
  unusedEvent,
  type WaiverEvent,
} from '../../../src/core/events/waiver-events';
import { ok } from '../../../src/core/result';
import { waiverOf } from '../../../src/core/waivers/waiver';
import { HOSTILE } from '../support/hostile';
import { DIGEST, NOW } from '../support/made';
import { entry, waiver } from '../waivers/made';

const PROBLEM = { file: 'waivers.yaml', line: 3, column: 5, message: 'owner is missing' };
const sent = ({ detailType, detail }: WaiverEvent, source = EVENT_SOURCE) =>
  JSON.parse(JSON.stringify({ version: '0', source, 'detail-type': detailType, detail })) as {
    detail: object;
  };

describe('what is sent', () => {
  test('a waiver that ends: what, where, who, why, when', () => {
    const event = expiringEvent(waiver({ ticket: 'SEC-1', digests: [DIGEST], expires: '2026-12-02' }), NOW);
    expect(event).toEqual({
      detailType: 'Waiver Expiring',
      detail: {
        version: 1,
        daysLeft: 7,
        waiver: {
          key: expect.stringMatching(/^[0-9a-f]{32}$/),
          what: 'CVE-2024-1',
          where: `team/*, ${DIGEST}`,
          owner: 'platform@example.com',
          reason: entry().reason,
          ticket: 'SEC-1',
          expires: '2026-12-02',
        },
      },
    });
  });

  test('a file that cannot be read: 20 problems as compilers say them, and how many there are', () => {
    const { detail } = rejectedEvent(
      's3://bucket/waivers.yaml',
      Array.from({ length: 30 }, () => PROBLEM),
    );
    expect(detail).toEqual({
      version: 1,
      location: 's3://bucket/waivers.yaml',
      problemCount: 30,
      problems: new Array(20).fill('waivers.yaml:3:5: owner is missing'),
    });
  });

  test('waivers that cover nothing: 20, and how many there are', () => {
    const { detail } = unusedEvent(Array.from({ length: 30 }, (_, at) => waiver({ id: `CVE-${at}` })));
    expect(detail).toMatchObject({
      count: 30,
      waivers: { length: 20, 0: { what: 'CVE-0', where: 'team/*' } },
    });
  });
});

describe('what is read', () => {
  const events = [
    expiringEvent(waiver(), NOW),
    rejectedEvent('s3://b/waivers.yaml', [PROBLEM]),
    unusedEvent([waiver()]),
  ];

  test.each(events)('what was sent: $detailType', event => {
    expect(readEvent(sent(event))).toEqual(ok(event));
  });

  test.each<[string, unknown]>([
    ['of another source', sent(events[0]!, 'somebody' as typeof EVENT_SOURCE)],
    ['of another type', { ...sent(events[0]!), 'detail-type': 'Image Verdict' }],
    ['of another version', { ...sent(events[0]!), detail: { ...sent(events[0]!).detail, version: 2 } }],
    ['without its waiver', { ...sent(events[0]!), detail: { version: 1, daysLeft: 1 } }],
    ['that is none', 'text'],
  ])('not one %s', (_, body) => {
    expect(readEvent(body)).toMatchObject({ ok: false });
  });
});

test.each([...HOSTILE, '漢'.repeat(2000)])(
  'rule 5.5, untrusted text: whatever stands in a waiver, its event is small and its texts are lines of visible characters: %j',
  hostile => {
    const texts = {
      id: hostile,
      purl: hostile,
      path: hostile,
      owner: hostile,
      reason: hostile,
      ticket: hostile,
    };
    const stranger = waiverOf({ ...entry(), ...texts, repositories: new Array<string>(200).fill(hostile) });
    const problem = { ...PROBLEM, message: hostile.repeat(10) };
    for (const event of [
      expiringEvent(stranger, NOW),
      unusedEvent(new Array(100).fill(stranger)),
      rejectedEvent('s3://b/k', new Array(100).fill(problem)),
    ]) {
      expect(Buffer.byteLength(JSON.stringify(sent(event)))).toBeLessThan(200_000);
    }
    const { detail } = expiringEvent(stranger, NOW) as Extract<
      WaiverEvent,
      { detailType: 'Waiver Expiring' }
    >;
    for (const value of Object.values(detail.waiver)) {
      expect(value).toMatch(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u);
    }
  },
);
