import { found, ok, type Look } from './line';

export interface FunctionConcurrency {
  /** What the account has left for functions without a reservation. */
  readonly unreserved: number;
  /** The maximum concurrency of each event source. */
  readonly eventSources: readonly number[];
  /** Functions that no queue calls. */
  readonly others: number;
}

/** Messages of a function that is throttled wait, and their receives count towards the dead-letter queue. */
export function functionConcurrency({ unreserved, eventSources, others }: FunctionConcurrency): Look {
  const queues = eventSources.reduce((sum, each) => sum + each, 0);
  const needed = queues + others;
  const limit = `at least ${needed}: ${queues} for queues, ${others} for other functions`;
  return unreserved >= needed
    ? ok(limit, String(unreserved))
    : found(
        limit,
        String(unreserved),
        'raise the quota "Concurrent executions" of AWS Lambda in Service Quotas, or take back what other functions reserve',
      );
}
