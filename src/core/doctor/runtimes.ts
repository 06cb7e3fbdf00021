import { firstFew, found, noneHere, ok, type Look } from './line';
import { daysUntilDeprecated, RUNTIME_NOTICE_DAYS } from '../function-runtime';

/**
 * How long Lambda supports the runtimes of the functions. Some weeks after that, a stack that has them can be
 * neither updated nor repaired.
 */
export function runtimes(deployed: readonly string[], now: Date): Look {
  const limit = `at least ${RUNTIME_NOTICE_DAYS} days until AWS Lambda deprecates it`;
  if (deployed.length === 0) return noneHere(limit, 'functions');
  const values = [...new Set(deployed)].sort().map(runtime => {
    const days = daysUntilDeprecated(runtime, now);
    return { days, text: days === undefined ? `${runtime} (unknown here)` : `${runtime}: ${days} days` };
  });
  const value = firstFew(values.map(({ text }) => text));
  return values.every(({ days }) => days !== undefined && days >= RUNTIME_NOTICE_DAYS)
    ? ok(limit, value)
    : found(
        limit,
        value,
        'install the newest cdk-trusted-images and deploy the stack again, and every stack that has a gate of its own',
      );
}
