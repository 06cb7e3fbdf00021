/** Key of the one row of the policy table: which policy is in force. */
export const PolicyRow = { partitionKey: 'policy', current: 'current' } as const;
