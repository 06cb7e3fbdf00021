/**
 * US dollars, list prices of us-east-1, from memory but for CodeBuild. What costs less than a cent in a check
 * is left out: requests, storage, logs, events.
 */
export const PRICE = {
  buildMinute: 0.005,
  /** Of a KMS key, for each month; counted by the hour, and not after its deletion is scheduled. */
  keyMonth: 1,
  alarmMonth: 0.1,
} as const;
