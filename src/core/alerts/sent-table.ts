/** Attributes of the small table that remembers which alerts were sent. */
export const AlertsSentKey = { partitionKey: 'alert', expires: 'expiration' } as const;
