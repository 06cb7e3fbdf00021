import * as z from 'zod';
import { defineRule } from './rule';
import { plainText } from '../../text/plain-text';
import { MILLISECONDS } from '../../times';

/**
 * Before the first container image was built, a date is a builder's stand-in for none: Go writes 0001,
 * reproducible builds 1970 or 1980.
 */
const FIRST_IMAGE = Date.parse('2013-01-01T00:00:00Z');
const SET_IT =
  "have the builder write the time of the build, or of the commit (SOURCE_DATE_EPOCH), into the image's config";

/**
 * Images that were built too long ago, by the date in their config. Whoever builds the image writes it: this
 * finds what was forgotten, and stops nobody.
 */
export const imageAge = defineRule({
  name: 'image-age',
  description: 'Refuses images that were built too long ago.',
  scanners: [],
  parameters: { maxDays: z.number().int().min(1).max(3650) },
  check: ({ report, now }, { maxDays }) => {
    const { created = '' } = report.Metadata.ImageConfig;
    const time = Date.parse(created);
    const allowed = `allowed: ${maxDays} days`;
    const shown = plainText(created, 40);
    // no number of days: the message would be another one each day, and with it the verdict
    const issue = (message: string, remedy: string) => ({
      issues: [{ message: `${message}; ${allowed}`, remedy }],
    });
    if (!(time >= FIRST_IMAGE)) {
      return issue(
        `nobody can say how old the image is: its creation date ${shown === '' ? 'is missing' : `is ${JSON.stringify(shown)}`}`,
        SET_IT,
      );
    }
    if (time > now.getTime() + MILLISECONDS.hour) {
      return issue(
        `nobody can say how old the image is: its creation date ${JSON.stringify(shown)} is still to come`,
        SET_IT,
      );
    }
    if (now.getTime() - time > maxDays * 24 * MILLISECONDS.hour) {
      return issue(`the image was created at ${shown}`, 'build it again, on a current base image');
    }
    return { issues: [] };
  },
});
