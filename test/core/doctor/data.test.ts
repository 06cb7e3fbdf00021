import { bundles, sampleOf, signedIn } from '../../../src/core/doctor/bundles';
import { databaseAge, databaseMirrors } from '../../../src/core/doctor/database';
import { keys } from '../../../src/core/doctor/keys';
import type { KnownImage } from '../../../src/core/doctor/known-image';
import { DIGEST, IMAGE, minutes, NOW } from '../support/made';

const verdict = (scanned: number, database: number) => ({
  scannedAt: minutes(-scanned).toISOString(),
  databaseUpdatedAt: minutes(-database).toISOString(),
});
const HOURS = 60;

test.each([
  ['no scan yet', [], {}, 'ok', 'no scan yet'],
  ['fresh', [verdict(60, 3 * HOURS)], {}, 'ok', /, 2 hours old at the last scan$/],
  ['just fresh', [verdict(0, 48 * HOURS)], {}, 'ok', /, 48 hours old/],
  ['stale', [verdict(0, 48 * HOURS + 1)], {}, 'found', /, 48 hours old/],
  ['the last scan counts', [verdict(9, 90 * HOURS), verdict(1, 61)], {}, 'ok', /, 60 minutes old/],
  ['no scan for a month is another fault', [verdict(720 * HOURS, 721 * HOURS)], {}, 'ok', /, 60 minutes old/],
  [
    'scans fail by it',
    [verdict(0, 60)],
    { DATABASE_STALE: 2 },
    'found',
    /; last scan of 2 images DATABASE_STALE$/,
  ],
] as const)('vulnerability database: %s', (_, verdicts, failed, state, value) => {
  expect(databaseAge(verdicts, failed)).toMatchObject({ state, value: expect.stringMatching(value) });
});

test.each([
  ['fresh', minutes(-60), 'ok', 'host/trivy-db:2'],
  ['old', minutes(-72 * HOURS), 'found', 'host/trivy-db:2 (3 days old)'],
  ['gone', undefined, 'found', 'host/trivy-db:2 (not there)'],
])('a database in Amazon ECR that is %s', (_, pushedAt, state, value) => {
  expect(databaseMirrors([{ reference: 'host/trivy-db:2', pushedAt }], NOW)).toMatchObject({ state, value });
});

test('databases elsewhere are not asked', () => {
  expect(databaseMirrors([], NOW)).toMatchObject({ state: 'ok', value: expect.stringMatching(/^none: /) });
});

const KEY = 'arn:aws:kms:us-east-1:000000000000:key/1';
test.each([
  ['Enabled', undefined, 'ok', '1 enabled, 1 of them for signatures'],
  ['Disabled', undefined, 'found', 'signing key 1 (Disabled)'],
  ['PendingDeletion', NOW, 'found', 'signing key 1 (PendingDeletion until 2026-11-25)'],
  [undefined, undefined, 'found', 'signing key 1 (gone)'],
])('a key that is %s', (keyState, deletionDate, state, value) => {
  expect(keys([{ arn: KEY, signs: true, state: keyState, deletionDate }])).toMatchObject({ state, value });
});

const row = (changes: Partial<KnownImage> = {}): KnownImage => ({
  pk: IMAGE,
  kind: 'image',
  signature: { at: NOW.toISOString() },
  verdict: { outcome: 'PASS', validUntil: minutes(60).toISOString(), ...verdict(60, 60) },
  ...changes,
});
const SIG = `${DIGEST.replace(':', '-')}.sig`;
const listing = (...tags: string[]) => ({
  repositories: 1,
  left: false,
  images: [
    { image: IMAGE, tags: ['v1'], pushedAt: NOW },
    ...tags.map(tag => ({ image: IMAGE.replace(/a{64}$/, 'b'.repeat(64)), tags: [tag], pushedAt: NOW })),
  ],
});
const signed = (of: KnownImage, ...tags: string[]) =>
  signedIn(listing(...tags), { images: new Map([[IMAGE, of]]), slots: undefined }, NOW);

test('trusted images that are signed, and whether their .sig is there', () => {
  expect(signed(row(), SIG)).toEqual([{ image: IMAGE, hasTag: true }]);
  expect(signed(row())).toEqual([{ image: IMAGE, hasTag: false }]);
  expect(signed(row({ signature: { at: NOW.toISOString(), withoutTag: 'taken' } }))).toEqual([
    { image: IMAGE, hasTag: true },
  ]);
  expect(signed(row({ signature: undefined }))).toEqual([]);
  expect(signed(row({ verdict: { ...row().verdict!, outcome: 'FAIL' } }))).toEqual([]);
  expect(signed(row({ verdict: { ...row().verdict!, validUntil: minutes(-1).toISOString() } }))).toEqual([]);
});

test.each([
  [true, true, 'ok', '1 signed images, 1 asked for their bundle'],
  [true, false, 'found', /^1 are gone: team\/app@sha256:a{12} \(bundle\); /],
  [false, true, 'found', /^1 are gone: team\/app@sha256:a{12} \(\.sig\); /],
])('an image with .sig: %s, with bundle: %s', (hasTag, hasBundle, state, value) => {
  expect(bundles([{ image: IMAGE, hasTag }], [{ image: IMAGE, hasBundle }])).toMatchObject({
    state,
    value: expect.stringMatching(value),
  });
});

test('a sample is spread over all, the same each time, and no larger than it may be', () => {
  const all = Array.from({ length: 10_000 }, (_, at) => at);
  expect(sampleOf(all)).toHaveLength(20);
  expect(sampleOf(all)).toEqual(sampleOf(all));
  expect(sampleOf(all).slice(0, 3)).toEqual([0, 500, 1000]);
  expect(sampleOf([1, 2])).toEqual([1, 2]);
});
