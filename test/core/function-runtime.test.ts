import { daysUntilDeprecated, FUNCTION_RUNTIME, RUNTIME_DAYS } from '../../src/core/function-runtime';

test('days are counted until the runtime is deprecated', () => {
  const { deprecated } = RUNTIME_DAYS[FUNCTION_RUNTIME]!;
  expect(daysUntilDeprecated(FUNCTION_RUNTIME, new Date(`${deprecated}T00:00:00Z`))).toBe(0);
  expect(daysUntilDeprecated('nodejs22.x', new Date('2026-11-01T00:00:00Z'))).toBe(180);
  expect(daysUntilDeprecated('nodejs22.x', new Date('2027-05-01T12:00:00Z'))).toBe(-2);
  expect(daysUntilDeprecated('nodejs99.x', new Date())).toBeUndefined();
});

test.each(Object.entries(RUNTIME_DAYS))('%s is deprecated before updates are blocked', (_, days) => {
  expect(Date.parse(days.deprecated)).toBeLessThan(Date.parse(days.updatesBlocked));
});
