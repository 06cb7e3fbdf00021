import { isMorning } from '../../../src/core/events/morning';

const at = (time: string) => ({
  ...{ version: '0', id: 'd1', account: '123456789012', region: 'eu-west-1', resources: [], detail: {} },
  ...{ 'detail-type': 'Scheduled Event', source: 'aws.events', time },
});

test('of the runs of a day, each quarter of an hour, one is in the morning', () => {
  const quarters = Array.from({ length: 96 }, (_, run) => new Date(Date.UTC(2026, 10, 30, 0, run * 15, 21)));
  const mornings = quarters.filter(time => isMorning(at(time.toISOString())));
  expect(mornings.map(time => time.toISOString())).toEqual(['2026-11-30T06:00:21.000Z']);
});

test.each([
  [
    'an event of the bucket',
    { ...at('2026-11-30T06:00:21Z'), 'detail-type': 'Object Created', source: 'aws.s3' },
  ],
  ['no time', { ...at('2026-11-30T06:00:21Z'), time: 'now' }],
  ['nothing', undefined],
])('%s is not the morning', (_, event) => {
  expect(isMorning(event)).toBe(false);
});
