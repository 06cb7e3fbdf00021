import { coverage } from '../../../src/core/doctor/coverage';
import { eventRules } from '../../../src/core/doctor/event-rules';
import { eventSources } from '../../../src/core/doctor/event-sources';
import { functions } from '../../../src/core/doctor/functions';
import { stateOf, type KnownImage, type ListedImage } from '../../../src/core/doctor/known-image';
import { pushes } from '../../../src/core/doctor/pushes';
import { runtimes } from '../../../src/core/doctor/runtimes';
import { DIGEST, IMAGE, minutes, NOW } from '../support/made';

test.each([
  ['Enabled', 'ok'],
  ['Updating', 'ok'],
  ['Disabled', 'found'],
  ['Disabling', 'found'],
  [undefined, 'found'],
])('an event source that is %s', (state, expected) => {
  const look = eventSources([
    { name: 'Signer', state },
    { name: 'Evaluator', state: 'Enabled' },
  ]);
  expect(look.state).toBe(expected);
  if (expected === 'found') expect(look.value).toBe(`not enabled: Signer (${state ?? 'gone'})`);
});

test.each([
  ['Active', undefined, 'ok', '2 can be called'],
  ['Inactive', 3, 'ok', '2 can be called'],
  ['Failed', undefined, 'found', 'cannot be called: Gate (Failed)'],
  [undefined, undefined, 'found', 'cannot be called: Gate (gone)'],
  ['Active', 0, 'found', 'cannot be called: Gate (its reserved concurrency is 0)'],
])('a function that is %s, with %s reserved', (state, reserved, expected, value) => {
  const deployed = [
    { name: 'Gate', state, reserved },
    { name: 'Signer', state: 'Active', reserved: undefined },
  ];
  expect(functions(deployed)).toMatchObject({ state: expected, value });
});

test.each([
  ['nodejs24.x', '2026-11-30', 'ok', 'nodejs24.x: 517 days'],
  ['nodejs24.x', '2027-11-30', 'found', 'nodejs24.x: 152 days'],
  ['nodejs22.x', '2027-05-30', 'found', 'nodejs22.x: -30 days'],
  ['nodejs99.x', '2026-11-30', 'found', 'nodejs99.x (unknown here)'],
])('the runtime %s on %s', (runtime, day, state, value) => {
  expect(runtimes([runtime, runtime], new Date(day))).toMatchObject({ state, value });
});

test('no function that was found is no answer', () => {
  expect([functions([]).state, runtimes([], NOW).state]).toEqual(['unknown', 'unknown']);
});

test.each([
  ['enabled, with more than its own target', 'ENABLED', ['a', 'b'], 'ok', '1 enabled'],
  ['for CloudTrail too', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS', ['a'], 'ok', '1 enabled'],
  ['disabled', 'DISABLED', ['a'], 'found', 'OnPush (DISABLED)'],
  ['gone', undefined, [], 'found', 'OnPush (gone)'],
  ['without its target', 'ENABLED', ['b'], 'found', 'OnPush (without its target a)'],
])('a rule that is %s', (_, state, targets, expected, value) => {
  expect(eventRules([{ name: 'OnPush', state, targets, wanted: ['a'] }])).toMatchObject({
    state: expected,
    value,
  });
});

const listed = (pushed: number, tags: string[] = ['v1']): ListedImage => ({
  image: IMAGE,
  tags,
  pushedAt: minutes(-pushed),
});
const known = (changes: Partial<KnownImage> = {}): KnownImage => ({ pk: IMAGE, kind: 'image', ...changes });
const VERDICT = {
  outcome: 'PASS' as const,
  scannedAt: NOW.toISOString(),
  validUntil: minutes(60).toISOString(),
  databaseUpdatedAt: NOW.toISOString(),
};
const EXPIRED = { ...VERDICT, validUntil: NOW.toISOString() };
const FAILED = { cause: 'BUILD_FAULT' as const, at: NOW.toISOString() };

test.each<[string, ListedImage, KnownImage | undefined, string]>([
  ['judged', listed(60), known({ verdict: VERDICT }), 'judged'],
  [
    'judged, and its last scan failed',
    listed(60),
    known({ verdict: VERDICT, lastFailedScan: FAILED }),
    'judged',
  ],
  ['judged, and its PASS has expired', listed(60), known({ verdict: EXPIRED }), 'expired'],
  [
    'judged, its PASS has expired, and its renewal is under way',
    listed(60),
    known({ verdict: EXPIRED, lease: { until: minutes(1).toISOString() } }),
    'expired',
  ],
  ['refused: a FAIL stays', listed(60), known({ verdict: { ...EXPIRED, outcome: 'FAIL' } }), 'judged'],
  ['failed', listed(60), known({ lastFailedScan: FAILED }), 'failed'],
  ['failed a moment ago', listed(1), known({ lastFailedScan: FAILED }), 'failed'],
  ['under way', listed(60), known({ lease: { until: minutes(1).toISOString() } }), 'scanning'],
  ['lost with its build', listed(60), known({ lease: { until: minutes(-1).toISOString() } }), 'unheard'],
  ['an index that waits for its images', listed(60), known({ kind: 'index', children: [{}] }), 'scanning'],
  ['pushed a moment ago', listed(9), undefined, 'scanning'],
  ['pushed, and nobody heard of it', listed(11), undefined, 'unheard'],
  ['an attachment, by its row', listed(60, []), known({ kind: 'attachment' }), 'attachment'],
  ['an attachment, by its tag', listed(60, [`sha256-${'a'.repeat(64)}.sig`]), undefined, 'attachment'],
  [
    'an image that has such a tag too',
    listed(60, ['v1', `sha256-${'a'.repeat(64)}.sig`]),
    undefined,
    'unheard',
  ],
])('an image that is %s', (_, image, row, state) => {
  expect(stateOf(image, row, NOW)).toBe(state);
});

const listing = (...images: ListedImage[]) => ({ repositories: 1, images, left: false });
const register = (...rows: KnownImage[]) => ({
  images: new Map(rows.map(row => [row.pk, row])),
  slots: undefined,
});
const NAME = `team/app@${DIGEST.slice(0, 19)}`;

test('pushes heard: a push of the last day of which nothing is known was lost; older ones are old images', () => {
  expect(pushes(listing(listed(30)), register(), NOW)).toMatchObject({
    state: 'found',
    value: `1 not heard: ${NAME} 30 minutes ago; 1 pushes in the last 24 hours`,
  });
  expect(pushes(listing(listed(25 * 60)), register(), NOW)).toMatchObject({
    state: 'ok',
    value: `the last push was of ${NAME} 25 hours ago; 0 pushes in the last 24 hours`,
  });
  expect(pushes(listing(listed(30)), register(known({ verdict: VERDICT })), NOW).state).toBe('ok');
  expect(pushes(listing(), register(), NOW)).toMatchObject({ state: 'ok', value: 'no push yet' });
});

test('images with a verdict: says how many have none, why, and what was not looked at', () => {
  expect(coverage(listing(listed(60)), register(known({ verdict: VERDICT })), NOW)).toMatchObject({
    state: 'ok',
    value: '1 images in 1 repositories',
  });
  expect(coverage(listing(listed(60)), register(known({ lastFailedScan: FAILED })), NOW)).toMatchObject({
    state: 'found',
    value: `1 without one: ${NAME} (BUILD_FAULT); 1 images in 1 repositories`,
  });
  expect(coverage({ ...listing(listed(5)), left: true }, register(), NOW)).toMatchObject({
    state: 'ok',
    value: '1 images in 1 repositories; 1 on their way; there are more, which were not looked at',
  });
  const many = Array.from({ length: 5 }, (_, at) => ({
    ...listed(60 * 24 * 9),
    image: IMAGE.replace(/a{64}$/, String(at).repeat(64)),
  }));
  expect(coverage(listing(...many), register(), NOW).value).toMatch(
    /^5 without one: team\/app@sha256:0{12} \(never scanned\), [^ ]+ \(never scanned\), [^ ]+ \(never scanned\) and 2 more; /,
  );
});

test.each<[string, Partial<KnownImage>, string, string]>([
  ['a PASS that holds', {}, 'ok', ''],
  [
    'a PASS that has expired',
    { verdict: EXPIRED },
    'found',
    `1 expired: ${NAME} (since ${NOW.toISOString()}); `,
  ],
  [
    'a PASS that has expired, and its renewal failed',
    { verdict: EXPIRED, lastFailedScan: FAILED },
    'found',
    `1 expired: ${NAME} (since ${NOW.toISOString()}, BUILD_FAULT); `,
  ],
  ['a FAIL of long ago', { verdict: { ...EXPIRED, outcome: 'FAIL' } }, 'ok', ''],
])('images with a verdict: %s', (_, changes, state, value) => {
  const rows = register(known({ verdict: VERDICT, ...changes }));
  expect(coverage(listing(listed(60)), rows, NOW)).toMatchObject({
    state,
    value: `${value}1 images in 1 repositories`,
  });
});
