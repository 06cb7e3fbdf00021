import * as z from 'zod';
import { defineRule } from './rule';
import { MILLISECONDS } from '../../times';

/**
 * Trivy scans with a database of last year too, and finds nothing new. Such a scan is indeterminate. The age
 * counts at the time of the scan: a stored report does not become worse when it is judged again. How long a
 * scan holds is `maxAgeHours` of the policy.
 */
export const databaseAge = defineRule({
  name: 'database-age',
  description: 'Is indeterminate where the vulnerability database is older.',
  scanners: ['vuln'],
  refuses: false,
  parameters: { maxHours: z.number().int().min(1) },
  check: ({ database, scannedAt }, { maxHours }) => {
    const hours = (Date.parse(scannedAt) - Date.parse(database.updatedAt)) / MILLISECONDS.hour;
    if (!(hours <= maxHours)) {
      // also if it is not a date
      return {
        failure: {
          cause: 'DATABASE_STALE',
          detail: `the vulnerability database is of ${database.updatedAt}, ${Math.floor(hours)} hours old; allowed: ${maxHours}`,
        },
      };
    }
    if (hours < -1) {
      return {
        failure: {
          cause: 'DATABASE_STALE',
          detail: `the vulnerability database is of ${database.updatedAt}, which is in the future`,
        },
      };
    }
    return { issues: [] };
  },
});
