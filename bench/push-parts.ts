import { readFileSync } from 'node:fs';
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import { median, repeat } from './figure';
import { measurePush, withQuickstart, type Quickstart } from './push-to-verdict';
import type { EmbeddedCloud } from '../local/cloud/description';
import { Progress } from '../local/progress';

const ROUNDS = 7;

/** When a step of the scan began and ended, in milliseconds. */
interface Step {
  readonly began: number;
  readonly ended: number;
}

/** Of one build, by its log. */
interface BuildSteps {
  /** Before the shell. */
  readonly started: number;
  /** After the program. */
  readonly written: number;
  step(name: string): Step;
}

/**
 * `npx tsx bench/push-parts.ts`: where the time of one warm push goes, in milliseconds, as medians. The scan
 * program logs each of its steps when it ends, and how long it took.
 */
async function main(): Promise<void> {
  const progress = new Progress();
  const rounds = await withQuickstart(progress, quickstart =>
    repeat(ROUNDS, round => measureParts(quickstart, `team/bench-${round}`)),
  );
  for (const part of Object.keys(rounds[0]!)) {
    const value = Math.round(median(rounds.map(each => each[part]!)));
    process.stdout.write(`${String(value).padStart(6)}  ${part}\n`);
  }
}

async function measureParts(quickstart: Quickstart, repository: string): Promise<Record<string, number>> {
  const { cloud } = quickstart;
  const began = Date.now();
  const { pushed, verdict, trusted, bare } = await measurePush(quickstart, repository);
  const parts = partsOf(await buildSteps(cloud, began), buildIn(cloud.logFile, began), {
    pushed: began + pushed,
    verdict: began + verdict,
    trusted: began + trusted,
  });
  return { ...parts, 'all, to trust': trusted, 'bare Trivy': bare };
}

/** What the newest build has logged since then. */
async function buildSteps(
  { endpoint, region, credentials }: EmbeddedCloud,
  startTime: number,
): Promise<BuildSteps> {
  const logs = new CloudWatchLogs({ endpoint, region, credentials });
  const { logGroups = [] } = await logs.describeLogGroups({});
  const all = await Promise.all(
    logGroups.map(({ logGroupName }) => logs.filterLogEvents({ logGroupName, startTime })),
  );
  const lines = all.flatMap(({ events = [] }) => events);
  const last = (pattern: RegExp) => {
    const found = lines.filter(({ message = '' }) => pattern.test(message)).at(-1);
    if (found === undefined) throw new Error(`the build logged nothing like ${pattern.source}`);
    return { at: found.timestamp!, match: pattern.exec(found.message!)! };
  };
  return {
    started: last(/Running command/).at,
    written: last(/Phase complete: BUILD/).at,
    step: name => {
      const { at, match } = last(new RegExp(`^${name}: exit code 0 after ([\\d.]+) s`));
      return { began: at - Number(match[1]) * 1000, ended: at };
    },
  };
}

/** When the build began and ended, by the events in the cloud's log. */
function buildIn(logFile: string, since: number): { began: number; ended: number } {
  const day = new Date(since).toISOString().slice(0, 11);
  const at = (status: string) => {
    const times = [...readFileSync(logFile, 'utf8').matchAll(/^([\d:.]{12}) event: aws\.codebuild .*$/gm)]
      .filter(([line]) => line.includes(`"build-status":"${status}"`))
      .map(([, time]) => Date.parse(`${day}${time}Z`));
    return times.at(-1)!;
  };
  return { began: at('IN_PROGRESS'), ended: at('SUCCEEDED') };
}

function partsOf(
  { started, written, step }: BuildSteps,
  build: { readonly began: number; readonly ended: number },
  seen: { readonly pushed: number; readonly verdict: number; readonly trusted: number },
): Record<string, number> {
  const length = (name: string) => step(name).ended - step(name).began;
  return {
    'push, and its way to the build': build.began - seen.pushed,
    'the source: download and unzip': started - build.began,
    'copy and hash of the program': Math.min(step('read').began, step('download').began) - started,
    '(reader: the image)': length('read'),
    '(download of the database)': length('download'),
    'before the scan': step('scan').began - started,
    scan: length('scan'),
    '(version)': length('version'),
    accounting: length('account'),
    '(conversion to an SBOM)': length('convert'),
    'after the accounting': written - step('account').ended,
    'upload, end of the build': build.ended - written,
    'evaluator: verdict': seen.verdict - build.ended,
    'signer: trust': seen.trusted - seen.verdict,
  };
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
