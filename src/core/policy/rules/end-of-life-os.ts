import * as z from 'zod';
import { lastDayOf } from './os-calendar';
import { defineRule, type Issue, type RuleInput } from './rule';
import { plainText } from '../../text/plain-text';
import { MILLISECONDS } from '../../times';

/**
 * Operating systems whose release gets no security fixes any more, by Trivy's calendar. It warns `noticeDays`
 * before that day.
 */
export const endOfLifeOs = defineRule({
  name: 'end-of-life-os',
  description: 'Refuses operating systems whose release gets no security fixes any more.',
  scanners: ['vuln'],
  parameters: {
    noticeDays: z.int().min(1).max(3650).optional().describe('How many days before the last day it warns.'),
  },
  check: ({ report, now }, { noticeDays }) => {
    const os = report.Metadata.OS;
    if (os === undefined) return { issues: [] };
    if (os.EOSL !== true) {
      return { issues: [], warnings: noticeDays === undefined ? [] : noticeOf(os, noticeDays, now) };
    }
    return {
      issues: [
        {
          message: `${nameOf(os)} has reached its end of life: its new vulnerabilities are neither fixed nor listed`,
          remedy: remedyFor(os),
        },
      ],
    };
  },
});

type System = NonNullable<RuleInput['report']['Metadata']['OS']>;

function noticeOf(os: System, noticeDays: number, now: Date): Issue[] {
  const lastDay = lastDayOf(os);
  if (lastDay === undefined) return [];
  const days = Math.floor((Date.parse(`${lastDay}T23:59:59Z`) - now.getTime()) / MILLISECONDS.day);
  if (days >= noticeDays) return [];
  const when = days < 0 ? `ended on ${lastDay}, after this scan` : `ends on ${lastDay}`;
  return [
    {
      message: `the life of ${nameOf(os)} ${when}: from then on new vulnerabilities are neither fixed nor listed`,
      remedy: remedyFor(os),
    },
  ];
}

function nameOf({ Family, Name }: System): string {
  return plainText(`${Family} ${Name}`, 80);
}

function remedyFor({ Family }: System): string {
  return `base the image on a supported release of ${plainText(Family, 40)}`;
}
