import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { BUILD_PROGRAM } from '../../local/tools/normal-form';
import { ensureTrivy } from '../../local/tools/trivy';

const SOURCES = join(__dirname, '..', '..', 'normal-form', 'differential');

/**
 * A test in Go, of the module that links what runtimes unpack by. The folder is for its temporary files.
 * What it prints tells the seed, and how many images came out how.
 */
export async function runGoTest(
  folder: string,
  pattern: string,
  more: Record<string, string> = {},
): Promise<void> {
  const env = {
    ...process.env,
    CGO_ENABLED: '0',
    GOFLAGS: '-mod=readonly',
    TRIVY: await ensureTrivy(() => undefined),
    NORMAL_FORM: BUILD_PROGRAM,
    TMPDIR: folder,
    // the same few images for every change: what is found by chance is for the nightly run
    SEED: process.env.SEED ?? '1',
    IMAGES: process.env.IMAGES ?? '60',
    ...more,
  };
  const { status, stdout, stderr } = spawnSync(
    'go',
    ['test', '-count=1', '-v', '-timeout=12h', `-run=${pattern}`, '.'],
    { cwd: SOURCES, env, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 },
  );
  const lines = stdout.split('\n').filter(line => !/^\s*(?:=== |--- PASS)/.test(line));
  // of a failure all of it: the seed is said first, and what is unequal before the counts
  process.stdout.write(`${(status === 0 ? lines.slice(-60) : lines).join('\n')}\n`);
  expect({
    status,
    failed: lines.filter(line => /--- (?:FAIL|SKIP)/.test(line)),
    stderr: stderr.slice(-2000),
  }).toMatchObject({ status: 0, failed: [] });
}
