import * as z from 'zod';
import { defineRule } from './rule';
import { plainText } from '../../text/plain-text';
import { MILLISECONDS } from '../../times';

/**
 * A date before the first container image is a placeholder of a builder: Go writes 0001, reproducible builds
 * write 1970 or 1980.
 */
const FIRST_IMAGE = Date.parse('2013-01-01T00:00:00Z');
const SET_IT =
  "have the builder write the time of the build, or of the commit (SOURCE_DATE_EPOCH), into the image's config";

/**
 * Images that were built too long ago, by the date in their config. Whoever builds the image writes that
 * date: the rule finds images that were forgotten, and cannot stop an attacker.
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
    // not the age in days: the message would change each day, and with it the verdict
    const issue = (message: string, remedy: string) => ({
      issues: [{ message: `${message}; ${allowed}`, remedy }],
    });
    if (!(time >= FIRST_IMAGE)) {
      return issue(
        `the age of the image is not known: its creation date ${shown === '' ? 'is missing' : `is ${JSON.stringify(shown)}`}`,
        SET_IT,
      );
    }
    if (time > now.getTime() + MILLISECONDS.hour) {
      return issue(
        `the age of the image is not known: its creation date ${JSON.stringify(shown)} is in the future`,
        SET_IT,
      );
    }
    if (now.getTime() - time > maxDays * 24 * MILLISECONDS.hour) {
      return issue(`the image was created at ${shown}`, 'build it again, on a current base image');
    }
    return { issues: [] };
  },
});
