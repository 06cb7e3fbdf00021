import { waitAgain } from '../../../src/core/scanning/wait-again';
import { Seconds } from '../../../src/core/times';

test('a request that waits comes back later and later, at random, and within 15 minutes', () => {
  const ages = [0, 60, 600, 3600, 36_000, 1e9];
  expect(ages.map(age => waitAgain(Seconds.slotRetry, age))).toEqual([
    [5, 20],
    [7.5, 20],
    [75, 150],
    [450, 900],
    [450, 900],
    [450, 900],
  ]);
});

test('where a service is busy, a minute passes at least', () => {
  expect(waitAgain(Seconds.backpressure, 0)).toEqual([60, 120]);
  expect(waitAgain(Seconds.backpressure, 3600)).toEqual([450, 900]);
});
