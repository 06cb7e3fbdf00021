import { buildQuota, quotaNameOf } from '../../../src/core/doctor/build-quota';
import { functionConcurrency } from '../../../src/core/doctor/function-concurrency';

const QUOTA = {
  quotaName: 'Concurrently running builds for Linux/Small environment',
  quota: 1 as number | undefined,
  wanted: 10,
  measured: undefined as { builds: number; at: string } | undefined,
  refused: 0,
  passed: 0,
  scanSeconds: undefined as number | undefined,
};
const MEASURED = { builds: 1, at: '2026-11-25T01:00:00.000Z' };

test.each([
  ['a quota of 1 is slow, and works', {}, 'ok', /^1 by the quota "Concurrently/],
  ['a quota of 0', { quota: 0 }, 'found', /^0 by the quota/],
  ['what was measured is shown', { measured: MEASURED }, 'ok', /, 1 measured at 2026-11-25T01/],
  [
    'a quota of 1 for 3,000 images',
    { passed: 3000 },
    'found',
    /; 3000 renewals a day of 720 that are possible with 1 at once: 417 %$/,
  ],
  [
    '90 % of what is possible',
    { quota: 60, passed: 4536 },
    'found',
    /; 4536 renewals a day of 5040 that are possible with 10 at once: 90 %$/,
  ],
  ['80 %', { quota: 60, passed: 4032 }, 'ok', /: 80 %$/],
  [
    'the same images, where scans take half the time',
    { quota: 60, passed: 4536, scanSeconds: 60 },
    'ok',
    /of 10080 that are possible with 10 at once: 45 %$/,
  ],
  [
    'what CodeBuild was found to run, where the quota is not listed',
    { quota: undefined, measured: MEASURED, passed: 3000 },
    'found',
    /with 1 at once: 417 %$/,
  ],
  [
    'CodeBuild takes none, whatever the quota says',
    { quota: 60, refused: 3 },
    'found',
    /took no build for 3 images$/,
  ],
  ['a quota that is not listed, and was never reached', { quota: undefined }, 'unknown', /^not listed by/],
  [
    'a quota that is not listed, and was reached',
    { quota: undefined, measured: MEASURED },
    'ok',
    /^not listed by/,
  ],
] as const)('builds at once: %s', (_, changes, state, value) => {
  const look = buildQuota({ ...QUOTA, ...changes });
  expect(look).toMatchObject({
    state,
    value: expect.stringMatching(value),
    limit: expect.stringContaining('10'),
  });
  expect(look.remedy === undefined).toBe(state === 'ok');
});

test('builds at once: the remedy has the figure to raise', () => {
  expect(buildQuota({ ...QUOTA, passed: 3000 }).remedy).toBe(
    'raise the quota "Concurrently running builds for Linux/Small environment" of CodeBuild in Service Quotas to 8 and the option concurrency to 8, or let lifecycle rules delete images that nobody runs',
  );
});

test.each([
  ['LINUX_CONTAINER', 'BUILD_GENERAL1_SMALL', 'Linux/Small'],
  ['LINUX_CONTAINER', 'BUILD_GENERAL1_LARGE', 'Linux/Large'],
  ['ARM_CONTAINER', 'BUILD_GENERAL1_MEDIUM', 'ARM/Medium'],
  ['LINUX_LAMBDA_CONTAINER', 'BUILD_LAMBDA_4GB', 'Linux Lambda/4GB'],
  ['LINUX_LAMBDA_CONTAINER', 'BUILD_LAMBDA_10GB', 'Linux Lambda/10GB'],
])('the quota of %s with %s', (type, compute, machine) => {
  expect(quotaNameOf(type, compute)).toBe(`Concurrently running builds for ${machine} environment`);
});

test.each([
  [20, 'ok'],
  [19, 'found'],
  [0, 'found'],
])('functions at once: %d left of the account', (unreserved, state) => {
  expect(functionConcurrency({ unreserved, eventSources: [2, 2, 5, 8], others: 3 })).toMatchObject({
    state,
    value: String(unreserved),
    limit: 'at least 20: 17 for queues, 3 for other functions',
  });
});
