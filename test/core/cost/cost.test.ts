import * as fc from 'fast-check';
import { PRICES, SERVICES, type Unit } from '../../../src/core/cost/prices';
import { costOf, plus, times, type Usage } from '../../../src/core/cost/usage';
import {
  ASSUMED,
  buildsAtOnce,
  firstScan,
  idleDay,
  month,
  MONTH,
  renewal,
} from '../../../src/core/cost/workload';

const UNITS = Object.keys(PRICES.of) as Unit[];
const Usages = fc.dictionary(
  fc.constantFrom(...UNITS),
  fc.integer({ min: 0, max: 1_000_000 }),
) as fc.Arbitrary<Usage>;
const DEPLOYED = { keys: 3, alarms: 20, metrics: 10, pollers: 35, scheduledRuns: 121 };

test('a cost is the amount at its price, on the account of its service', () => {
  const { total, byService } = costOf({ buildMinute: 1000, signature: 20_000, key: 2 });
  expect(byService).toMatchObject({ CodeBuild: 5, KMS: 2.3, SQS: 0 });
  expect(total).toBeCloseTo(7.3, 10);
});

test('what is used together costs the sum', () => {
  fc.assert(
    fc.property(Usages, Usages, fc.integer({ min: 0, max: 100 }), (one, other, factor) => {
      const sum = costOf(one).total + costOf(other).total;
      expect(costOf(plus(one, other)).total).toBeCloseTo(sum, 6);
      expect(costOf(times(one, factor)).total).toBeCloseTo(costOf(one).total * factor, 4);
    }),
  );
});

test('each service has a price', () => {
  expect(new Set(UNITS.map(unit => PRICES.of[unit].service))).toEqual(new Set(SERVICES));
});

test('an idle month has its keys and alarms, and no builds', () => {
  const { byService } = costOf(times(idleDay(DEPLOYED), MONTH));
  expect(byService.KMS).toBeCloseTo(3, 10);
  expect(byService.CloudWatch).toBeCloseTo(2, 10);
  expect(byService.CodeBuild).toBe(0);
});

test('a month of an image has a first scan and a renewal a day', () => {
  const of = (images: number) => month(images, DEPLOYED).buildMinute ?? 0;
  expect(of(0)).toBe(0);
  expect(of(7)).toBeCloseTo(7 * (MONTH + 1) * ASSUMED.buildMinutes, 6);
});

test('a renewal costs no more than a first scan, in no unit but reads of evidence', () => {
  const first = firstScan();
  for (const [unit, amount] of Object.entries(renewal()) as [Unit, number][]) {
    if (unit !== 'get') expect(amount).toBeLessThanOrEqual(first[unit]!);
  }
});

test('ten builds of two minutes at once are 7,200 a day', () => {
  expect(buildsAtOnce(7200 / (1 + 1 / MONTH))).toBeCloseTo(10, 6);
});
