/** The attributes of the table of alerts that were sent. */
export const AlertsSentKey = { partitionKey: 'alert', expires: 'expiration' } as const;
