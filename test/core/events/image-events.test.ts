import * as fc from 'fast-check';
import {
  DetailType,
  EVENT_SOURCE,
  ImageRevokedDetail,
  ImageScanFailedDetail,
  ImageTrustedDetail,
  ImageVerdictDetail,
  heldEvent,
  revokedEvent,
  scanFailedEvent,
  trustedEvent,
  verdictEvent,
  type ImageEvent,
} from '../../../src/core/events/image-events';
import { readEvent } from '../../../src/core/events/our-events';
import { Limit } from '../../../src/core/limits';
import { CAUSES, nextFailedScan, type Cause } from '../../../src/core/scanning/failed-scan';
import { plainText } from '../../../src/core/text/plain-text';
import { HOSTILE } from '../support/hostile';
import { failing, IMAGE, NOW, scanId, summary, verdict, violation } from '../support/made';

const EVIDENCE = { bucket: 'evidence', verdictKey: 'verdicts/1.json', reportKey: 'scans/1/report.json.gz' };
const HELD = {
  verdictId: scanId(1),
  since: NOW.toISOString(),
  pulledAt: NOW.toISOString(),
  until: NOW.toISOString(),
  because: 'many',
};
const LIMIT = 200 * 1024;
const bytes = (event: ImageEvent) => Buffer.byteLength(JSON.stringify(event.detail));

/** A verdict with as much in it as the rules can put there. */
function largest(character: string) {
  const text = plainText(character.repeat(2000), Limit.textCharacters);
  const names = {
    rule: text,
    id: text,
    package: text,
    installedVersion: text,
    fixedVersion: text,
    platform: text,
    fingerprint: text,
  };
  const each = violation({ ...names, message: text.repeat(4), remedy: text.repeat(3) });
  return failing({ violations: Array.from({ length: 500 }, () => each), violationCount: 200_000 });
}

describe('the event of a verdict', () => {
  test.each(['x', '"', '\\', '漢', '😀', '\ud800', 'é'])(
    'has less than 200 KB, and is one by its own schema, whatever stands in it: %j',
    character => {
      const tags = new Array<string>(10).fill(character.repeat(128));
      const event = verdictEvent(largest(character), {
        tags,
        changed: true,
        previous: largest('y'),
        evidence: EVIDENCE,
      });
      expect(bytes(event)).toBeLessThan(LIMIT);
      expect(ImageVerdictDetail.parse(event.detail)).toEqual(event.detail);
    },
  );

  test('says what changed since the verdict before it', () => {
    const previous = failing({
      violations: [violation({ fingerprint: '1' }), violation({ fingerprint: '2' })],
    });
    const event = verdictEvent(
      failing({
        violations: [
          violation({ fingerprint: '2' }),
          violation({ fingerprint: '3' }),
          violation({ fingerprint: '4' }),
        ],
      }),
      { previous, changed: true, evidence: EVIDENCE },
    );
    expect(event.detail).toMatchObject({
      version: 1,
      previousOutcome: 'FAIL',
      newViolationCount: 2,
      resolvedViolationCount: 1,
      account: '000000000000',
      region: 'us-east-1',
      repository: 'team/app',
    });
  });

  test('says that there was none before', () => {
    expect(verdictEvent(verdict(), { changed: true, evidence: EVIDENCE }).detail).toMatchObject({
      previousOutcome: 'NONE',
      tags: [],
      newViolationCount: 0,
    });
  });

  test('shows the worst 20, as they are', () => {
    const violations = Array.from({ length: 30 }, (_, at) => violation({ fingerprint: String(at) }));
    const event = verdictEvent(failing({ violations, violationCount: 30 }), {
      changed: true,
      evidence: EVIDENCE,
    });
    expect(event.detail).toMatchObject({
      violations: violations.slice(0, 20),
      violationCount: 30,
      newViolationCount: 30,
    });
  });
});

describe('the event of a scan that failed', () => {
  test.each(Object.keys(CAUSES) as Cause[])('%s: is one by its own schema, and says what to do', cause => {
    const event = scanFailedEvent(IMAGE, nextFailedScan(undefined, { cause, detail: 'x' }, NOW, scanId(1)), {
      tags: ['v1'],
    });
    expect(ImageScanFailedDetail.parse(event.detail)).toEqual(event.detail);
    expect(event.detail).toMatchObject({
      cause,
      remedy: CAUSES[cause].remedy,
      standing: { outcome: 'NONE' },
      count: 1,
    });
    expect(bytes(event)).toBeLessThan(LIMIT);
  });

  test('says which verdict still stands (rule 4.4, failed scans keep the verdict)', () => {
    const standing = { outcome: 'PASS' as const, validUntil: NOW.toISOString() };
    expect(
      scanFailedEvent(IMAGE, nextFailedScan(undefined, { cause: 'BUILD_FAULT', detail: 'x' }, NOW), {
        standing: { ...standing, content: 'x' } as typeof standing,
      }).detail,
    ).toMatchObject({ standing });
  });
});

describe('the event of a trust', () => {
  const subject = {
    version: 1,
    image: IMAGE,
    account: '000000000000',
    region: 'us-east-1',
    repository: 'team/app',
    digest: IMAGE.split('@')[1],
    tags: ['v1'],
  };

  test('says which verdict was signed, and until when it holds', () => {
    const { verdictId, evaluatedAt, validUntil } = summary(verdict());
    const event = trustedEvent(IMAGE, summary(verdict()), ['v1']);
    expect(event).toEqual({
      detailType: 'Image Trusted',
      detail: {
        ...subject,
        verdictId,
        scanId: scanId(1),
        evaluatedAt,
        validUntil,
        policySha256: 'f'.repeat(64),
      },
    });
    expect(ImageTrustedDetail.parse(event.detail)).toEqual(event.detail);
  });

  test('that was revoked says which verdict ended it, and the worst of what that found', () => {
    const failed = summary(
      failing({
        verdictId: scanId(2),
        violations: [
          violation(),
          violation({ rule: 'secrets', message: 'a key in /k', remedy: 'take it out' }),
        ],
        violationCount: 7,
      }),
    );
    const event = revokedEvent(IMAGE, failed, ['v1']);
    expect(event).toEqual({
      detailType: 'Image Revoked',
      detail: {
        ...subject,
        verdictId: scanId(2),
        scanId: scanId(1),
        evaluatedAt: failed.evaluatedAt,
        violationCount: 7,
        worst: [
          'vulnerabilities: CRITICAL CVE-1 in a 1; upgrade a to 2',
          'secrets: a key in /k; take it out',
        ],
      },
    });
    expect(ImageRevokedDetail.parse(event.detail)).toEqual(event.detail);
  });

  test.each(['x', '"', '\\', '漢', '😀', '\ud800', 'é'])(
    'has less than 200 KB, whatever stands in it: %j',
    character => {
      const tags = new Array<string>(50).fill(character.repeat(128));
      for (const event of [
        trustedEvent(IMAGE, summary(verdict()), tags),
        revokedEvent(IMAGE, summary(largest(character)), tags),
      ]) {
        expect(bytes(event)).toBeLessThan(LIMIT);
        expect(event.detail.tags).toHaveLength(Limit.rowTags);
      }
    },
  );

  test('of an image without tags has none', () => {
    for (const event of [
      trustedEvent(IMAGE, summary(verdict()), undefined),
      revokedEvent(IMAGE, summary(failing()), undefined),
    ]) {
      expect(event.detail.tags).toEqual([]);
    }
  });
});

describe('one of our events as EventBridge hands it on', () => {
  const envelope = ({ detailType, detail }: ImageEvent, more: object = {}) => ({
    version: '0',
    source: EVENT_SOURCE,
    'detail-type': detailType,
    region: 'us-east-1',
    detail,
    ...more,
  });
  const events = [
    verdictEvent(failing(), { changed: true, evidence: EVIDENCE }),
    scanFailedEvent(IMAGE, nextFailedScan(undefined, { cause: 'BUILD_FAULT', detail: 'x' }, NOW), {}),
    trustedEvent(IMAGE, summary(verdict()), ['v1']),
    revokedEvent(IMAGE, summary(failing()), ['v1']),
    heldEvent(IMAGE, summary(failing()), HELD, ['v1']),
  ];

  test('is of each type', () => {
    expect(events.map(({ detailType }) => detailType)).toEqual(Object.values(DetailType));
  });

  test.each(events)('$detailType comes back as it was', event => {
    expect(readEvent(JSON.parse(JSON.stringify(envelope(event))))).toEqual({ ok: true, value: event });
  });

  test.each<[string, unknown]>([
    ['of another source', envelope(events[0]!, { source: 'aws.ecr' })],
    ['of another type', envelope(events[0]!, { 'detail-type': 'Image Deleted' })],
    ['of the type of another', envelope(events[0]!, { 'detail-type': DetailType.scanFailed })],
    ['of a verdict as a trust', envelope(events[0]!, { 'detail-type': DetailType.trusted })],
    ['of a revocation as a trust', envelope(events[3]!, { 'detail-type': DetailType.trusted })],
    ['of a trust as a revocation', envelope(events[2]!, { 'detail-type': DetailType.revoked })],
    [
      'of a trust without an end',
      envelope(events[2]!, { detail: { ...events[2]!.detail, validUntil: 'never' } }),
    ],
    ['of a version of tomorrow', envelope(events[0]!, { detail: { ...events[0]!.detail, version: 2 } })],
    [
      'with an outcome of its own',
      envelope(events[0]!, { detail: { ...events[0]!.detail, outcome: 'TRUSTED' } }),
    ],
    ['about no image', envelope(events[0]!, { detail: { ...events[0]!.detail, image: 'latest' } })],
    ['of nothing', undefined],
    ['of text', 'x'],
  ])('%s is refused', (_, body) => {
    expect(readEvent(body)).toMatchObject({
      ok: false,
      error: expect.stringMatching(/^not an event of trusted-images: .{0,400}$/),
    });
  });

  test('any text in a violation comes through as it was, if it is short and well formed', () => {
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary' })), text => {
        const shown = plainText(text, 60);
        const event = verdictEvent(failing({ violations: [violation({ message: shown, package: shown })] }), {
          changed: true,
          evidence: EVIDENCE,
        });
        expect(event.detail).toMatchObject({ violations: [{ message: shown, package: shown }] });
      }),
      { numRuns: 100 },
    );
  });
});
