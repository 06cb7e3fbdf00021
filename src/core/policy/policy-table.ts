/**
 * Keys of the rows of the policy table: which policy is active, what was declared of it, and which register
 * of waivers.
 */
export const PolicyRow = {
  partitionKey: 'policy',
  current: 'current',
  declared: 'declared',
  waivers: 'waivers',
} as const;
