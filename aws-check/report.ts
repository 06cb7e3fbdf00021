import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Check } from './check';
import { markedFiles } from './marks';
import { NUMBERED } from './numbered/run-numbered';
import { renderPage, type Report } from './page';
import { redact } from './redact';
import type { State } from './state';

/**
 * Writes `aws-check.json` and `aws-check.md`, which can be put into the repository: redacted. Held means that
 * nothing that was checked did not.
 */
export function writeReport({ file, cloud, folder }: Check): { held: boolean; page: string } {
  const { state } = file;
  const report: Report = {
    cloud: cloud.endpoint === undefined ? 'AWS' : 'the embedded cloud (nothing of this ran on AWS)',
    region: state.region,
    startedAt: state.startedAt,
    checks: NUMBERED.map(({ number, title }) => ({ number, title, parts: state.checks[number] ?? [] })),
    suites: state.suiteOutcomes,
    onlyEmulated: markedFiles(),
    left: state.left,
  };
  const redacted = redact(report, secretsOf(state)) as Report;
  writeFileSync(join(folder, 'aws-check.json'), `${JSON.stringify(redacted, undefined, 2)}\n`);
  const page = join(folder, 'aws-check.md');
  writeFileSync(page, renderPage(redacted));
  const parts = report.checks.flatMap(check => check.parts);
  const failed = Object.values(report.suites).flatMap(suite => suite?.failed ?? []);
  return { held: failed.length === 0 && parts.every(({ outcome }) => outcome !== 'did not hold'), page };
}

/** What the check knows to be nobody else's business. */
export function secretsOf({ account, profile }: Pick<State, 'account' | 'profile'>): string[] {
  const keys = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'].map(
    name => process.env[name],
  );
  return [account, profile, ...keys].filter((each): each is string => each !== undefined && each !== '');
}
