import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Figure, milliseconds, ratio } from './figure';
import { writeLayout } from '../local/images/layout';
import { zooImage } from '../local/images/zoo/zoo';
import { ensureTrivy } from '../local/tools/trivy';
import { buildDatabase } from '../local/vulnerability-database/database';
import { buildJavaDatabase } from '../local/vulnerability-database/java-database';
import { scanFlags, secretConfig } from '../src/core/scanning/trivy-flags';
import { SCANNERS } from '../use-cases/image-scan/options';

const CLI = join(__dirname, '..', 'assets', 'cli', 'trusted-images.js');
const SECONDS = 900;

/**
 * Compares the published command line with its parts: Node that does nothing, and Trivy with the same image
 * and flags.
 */
export async function cliFigures(say: (line: string) => void): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-cli-'));
  try {
    const trivy = await ensureTrivy(say);
    const [cache, image] = [join(folder, 'cache'), join(folder, 'image')];
    await buildDatabase(join(cache, 'db'), { updatedAt: new Date() });
    await buildJavaDatabase(join(cache, 'java-db'), { updatedAt: new Date() });
    await writeLayout(image, await zooImage('fixable-critical'));
    await writeFile(join(folder, 'none'), '');
    const environment = { PATH: `${dirname(trivy)}:/usr/bin:/bin`, HOME: folder };
    const timed = (program: string, args: readonly string[], code: number) => () =>
      milliseconds(() => run(program, args, { folder, environment, code }));

    const bare = timed(process.execPath, ['-e', '0'], 0);
    const help = timed(process.execPath, [CLI, '--help'], 0);
    await writeFile(join(folder, 'secrets.yaml'), secretConfig('APPLICATION'));
    const alone = timed(
      trivy,
      [
        'image',
        ...scanFlags({ input: image, cache, scanners: SCANNERS, secrets: 'secrets.yaml', seconds: SECONDS }),
      ],
      0,
    );
    const scan = timed(process.execPath, [CLI, 'scan', image, '--cache-dir', cache, '--skip-db-update'], 1);
    return [
      {
        name: 'cli_help_over_bare_node',
        value: await ratio(15, help, bare),
        unit: 'ratio',
        against: 'node -e 0; aim ≤ 4',
      },
      {
        name: 'cli_scan_over_bare_trivy',
        value: await ratio(9, scan, alone),
        unit: 'ratio',
        against: 'trivy image of the same small layout, by the same flags; aim ≤ 1.3',
      },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Surroundings {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly code: number;
}

function run(
  program: string,
  args: readonly string[],
  { folder, environment, code }: Surroundings,
): Promise<void> {
  return new Promise((resolve, reject) =>
    execFile(program, args, { cwd: folder, env: environment }, error => {
      const ended = error === null ? 0 : error.code;
      if (ended === code) resolve();
      else reject(new Error(`${program} ${args.join(' ')} ended with ${String(ended)}, expected: ${code}`));
    }),
  );
}
