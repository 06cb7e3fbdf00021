/** Key and index names of the findings table, for the template and the runtime alike. */
export const FindingsKey = { partitionKey: 'pk', sortKey: 'sk' } as const;
export const FindingsIndex = {
  vulnerability: { name: 'byVulnerability', partitionKey: 'vulnerabilityPk', sortKey: 'pk' },
} as const;

export const FINDING_PREFIX = 'FINDING#';

export function findingSortKey(fingerprint: string): string {
  return `${FINDING_PREFIX}${fingerprint}`;
}

/** A CVE in a base image is in every image. It is sharded, because one partition would throttle the table. */
export function vulnerabilityPartition(id: string, fingerprint: string): string {
  return `${id}#${fingerprint[0]}`;
}
