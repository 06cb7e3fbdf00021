/**
 * Keys of the rows of the policy table: the active policy, its source as the last deployment declared it, and
 * the active waivers.
 */
export const PolicyRow = {
  partitionKey: 'policy',
  current: 'current',
  source: 'source',
  waivers: 'waivers',
} as const;
