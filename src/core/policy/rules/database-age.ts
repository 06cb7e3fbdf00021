import * as z from 'zod';
import { defineRule } from './rule';
import { MILLISECONDS } from '../../times';

/**
 * Trivy scans happily with a database of last year, and finds nothing new. Then nobody can tell. Its age is
 * that which it had when it was asked: a stored report that is judged again is no worse for it, and how long
 * a scan holds is another question.
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
      // also where it is no date
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
          detail: `the vulnerability database is of ${database.updatedAt}, which is still to come`,
        },
      };
    }
    return { issues: [] };
  },
});
