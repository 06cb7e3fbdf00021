import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from './figure';
import { bareTrivy, pushToTrust, withQuickstart } from './push-to-verdict';
import type { Cloud } from '../local/cloud/cloud';
import { Progress } from '../local/progress';

const ROUNDS = 7;
/** The programs of the buildspec that stand for its steps. */
const PROGRAMS = ['cp', 'sha256sum', 'timeout', 'gzip'];

/** When a program of the build began and ended, in milliseconds, and its arguments. */
interface Step {
  readonly program: string;
  readonly args: string;
  readonly began: number;
  readonly ended: number;
}

/**
 * `npx tsx bench/push-parts.ts`: where the time of one warm push goes, in milliseconds, as medians. The
 * programs that the build calls are wrapped, and write down when they begin and end.
 */
async function main(): Promise<void> {
  const progress = new Progress();
  const rounds: Record<string, number>[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'push-parts-'));
  try {
    await withQuickstart(progress, async quickstart => {
      const { cloud } = quickstart;
      const notes = join(folder, 'notes');
      wrap(cloud, notes);
      for (let round = 0; round <= ROUNDS; round++) {
        writeFileSync(notes, '');
        const began = Date.now();
        const { repository, digest, pushed, verdict, trusted } = await pushToTrust(quickstart, round);
        const parts = partsOf(stepsIn(notes), buildIn(cloud.logFile, began), {
          pushed: began + pushed,
          verdict: began + verdict,
          trusted: began + trusted,
        });
        rounds.push({
          ...parts,
          'all, to trust': trusted,
          'bare Trivy': await bareTrivy(cloud, repository, digest),
        });
      }
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const [, ...warm] = rounds;
  for (const part of Object.keys(warm[0]!)) {
    const value = Math.round(median(warm.map(each => each[part]!)));
    process.stdout.write(`${String(value).padStart(6)}  ${part}\n`);
  }
}

function wrap({ toolsFolder }: Cloud, notes: string): void {
  for (const program of PROGRAMS) {
    const real = execFileSync('which', [program], { encoding: 'utf8' }).trim();
    const script = `#!/bin/bash
began=$EPOCHREALTIME; '${real}' "$@"; code=$?
printf '%s\\t%s\\t${program}\\t%s\\n' $began $EPOCHREALTIME "$(printf '%s ' "$@" | tr '\\n\\t' '  ')" >> '${notes}'; exit $code
`;
    writeFileSync(join(toolsFolder, program), script, { mode: 0o755 });
  }
}

function stepsIn(notes: string): Step[] {
  const lines = readFileSync(notes, 'utf8').trim().split('\n');
  return lines.map(line => {
    const [began, ended, program, args] = line.split('\t') as [string, string, string, string];
    return { program, args, began: Number(began) * 1000, ended: Number(ended) * 1000 };
  });
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
  steps: readonly Step[],
  build: { readonly began: number; readonly ended: number },
  seen: { readonly pushed: number; readonly verdict: number; readonly trusted: number },
): Record<string, number> {
  const step = (program: string, args: RegExp): Step => {
    const found = steps.find(each => each.program === program && args.test(each.args));
    if (found === undefined) throw new Error(`the build called no ${program} with ${args.source}`);
    return found;
  };
  const database = step('timeout', /--download-db-only/);
  const read = step('timeout', / form /);
  const scan = step('timeout', /--output=report\.json/);
  const version = step('timeout', / version /);
  const sbom = step('timeout', /--output=sbom\.cdx\.json/);
  const reader = step('cp', /normal-form/);
  const sums = steps.filter(({ program }) => program === 'sha256sum');
  const script = Math.min(...steps.map(({ began }) => began));
  const written = Math.max(...steps.map(({ ended }) => ended));
  return {
    'push, and its way to the build': build.began - seen.pushed,
    'the source: download and unzip': script - build.began,
    '(copy and hash of the reader)': sums[0]!.ended - reader.began,
    '(reader: the image)': read.ended - read.began,
    '(download of the database)': database.ended - database.began,
    'before the scan': scan.began - script,
    scan: scan.ended - scan.began,
    '(version)': version.ended - version.began,
    '(conversion to an SBOM)': sbom.ended - sbom.began,
    'after the scan': written - scan.ended,
    'upload, end of the build': build.ended - written,
    'evaluator: verdict': seen.verdict - build.ended,
    'signer: trust': seen.trusted - seen.verdict,
  };
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
