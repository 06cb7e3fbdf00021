import * as fc from 'fast-check';
import type { Waived } from '../../../src/core/evidence/verdict';
import { REPOSITORY_URL } from '../../../src/core/repository-url';
import {
  EXPIRES_ON,
  isSummaryDue,
  summaryAttestation,
  summaryEnd,
} from '../../../src/core/signing/verification-summary';
import { failing, verdict, violation } from '../support/made';
import { claims } from '../support/signing';

const EVIDENCE = { evidenceKey: 'verdicts/x/1.json', sha256: 'e'.repeat(64) };
const SCANNED = '2026-11-25T02:00:00.000Z';
const DAY = 86_400_000;

const daysLater = (days: number, from = SCANNED) => new Date(Date.parse(from) + days * DAY).toISOString();

const waivedUntil = (until: string): Waived => ({
  ...violation(),
  action: 'deny',
  waiver: { key: 'w', owner: 'team', reason: 'not reachable', until },
});

test('it has every field that the standard requires, names digest and repository, and says when it ends', () => {
  const passed = verdict({ scannedAt: SCANNED, validUntil: daysLater(3), scanHoldsUntil: daysLater(3) });
  expect(summaryAttestation(passed, claims(), EVIDENCE)).toEqual({
    predicateType: 'https://slsa.dev/verification_summary/v1',
    predicate: {
      verifier: {
        id: REPOSITORY_URL,
        version: { trivy: passed.scanner.version },
      },
      timeVerified: passed.evaluatedAt,
      resourceUri: `oci://000000000000.dkr.ecr.us-east-1.amazonaws.com/team/app@sha256:${'a'.repeat(64)}`,
      policy: {
        uri: `urn:trusted-images:policy:${passed.policy.name}:${passed.policy.revision}`,
        digest: { sha256: passed.policy.sha256 },
      },
      inputAttestations: [{ uri: 'verdicts/x/1.json', digest: { sha256: 'e'.repeat(64) } }],
      verificationResult: 'PASSED',
      verifiedLevels: ['TRUSTED_IMAGES_POLICY'],
      [EXPIRES_ON]: daysLater(14),
    },
  });
});

test('rule 5.8, the key signs only PASS: there is no summary of a FAIL', () => {
  expect(() => summaryAttestation(failing(), claims(), EVIDENCE)).toThrow(/is FAIL, allowed: PASS/);
});

describe('it ends', () => {
  test.each([
    ['14 days after the scan', { validUntil: daysLater(3), scanHoldsUntil: daysLater(3) }, daysLater(14)],
    [
      'with a waiver or grace period that ends before the verdict would',
      { validUntil: daysLater(1), scanHoldsUntil: daysLater(3) },
      daysLater(1),
    ],
    [
      'with the verdict, if a waiver ends later',
      { validUntil: daysLater(3), scanHoldsUntil: daysLater(3), waived: [waivedUntil(daysLater(10))] },
      daysLater(3),
    ],
    [
      'with the verdict, if a grace period ends later',
      {
        validUntil: daysLater(3),
        scanHoldsUntil: daysLater(3),
        deadlines: [{ ...violation(), since: SCANNED, due: daysLater(10) }],
      },
      daysLater(3),
    ],
    [
      '14 days after the scan, if the verdict holds longer',
      { validUntil: daysLater(20), scanHoldsUntil: daysLater(30) },
      daysLater(14),
    ],
    ['with a verdict that does not say what limits it', { validUntil: daysLater(3) }, daysLater(3)],
  ])('%s', (_when, times, end) => {
    expect(summaryEnd({ scannedAt: SCANNED, waived: [], deadlines: [], ...times })).toBe(end);
  });

  test('never after a waiver that the PASS depends on, and never later than 14 days after the scan', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 }), (waiver, scan) => {
        const scanHoldsUntil = daysLater(scan);
        const validUntil = daysLater(Math.min(waiver, scan));
        const times = { scannedAt: SCANNED, validUntil, scanHoldsUntil };
        const end = summaryEnd({ ...times, waived: [], deadlines: [] });
        expect(end <= daysLater(14)).toBe(true);
        if (waiver < scan) expect(end <= daysLater(waiver)).toBe(true);
      }),
    );
  });
});

describe('it is renewed', () => {
  const next = verdict({ scannedAt: daysLater(1), validUntil: daysLater(4), scanHoldsUntil: daysLater(4) });
  const policy = next.policy.sha256;
  const at = (days: number) => new Date(daysLater(days));
  test.each([
    ['if there is none', undefined, at(1), true],
    ['not while it holds for a week', { until: daysLater(14), policy }, at(6.9), false],
    ['if it holds for less than a week', { until: daysLater(14), policy }, at(7.1), true],
    ['if another policy judged', { until: daysLater(14), policy: 'x' }, at(1), true],
    ['not if a new one would end at the same time', { until: daysLater(15), policy }, at(14), false],
    ['if the PASS depends on something that ends before', { until: daysLater(16), policy }, at(1), true],
  ])('%s', (_when, standing, now, due) => {
    expect(isSummaryDue(standing, next, now)).toBe(due);
  });
});
