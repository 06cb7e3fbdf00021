/** Key and index names of the findings table, for the template and the runtime alike. */
export const FindingsKey = { partitionKey: 'pk', sortKey: 'sk' } as const;
export const FindingsIndex = {
  vulnerability: { name: 'byVulnerability', partitionKey: 'vulnerabilityPk', sortKey: 'pk' },
} as const;

export const FINDING_PREFIX = 'FINDING#';

export function findingSortKey(fingerprint: string): string {
  return `${FINDING_PREFIX}${fingerprint}`;
}

/** One CVE in a base image is in every image: sharded, or its day would throttle the whole table. */
export function vulnerabilityPartition(id: string, fingerprint: string): string {
  return `${id}#${fingerprint[0]}`;
}
