import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { Finished, run } from '../../../local/tools/command';

/** What the reports call the registry: production's name, served from loopback through a mirror. */
export const REGISTRY = '000000000000.dkr.ecr.us-east-1.amazonaws.com';

export interface Scanner {
  readonly trivy: string;
  /** Where the vulnerability database lies. */
  readonly cache: string;
  /** `127.0.0.1:PORT`, behind the name above. */
  readonly mirror: string;
}

export interface Scan extends Finished {
  readonly report: string | undefined;
}

const SCANNERS = ['--scanners', 'vuln,secret,misconfig', '--image-config-scanners', 'misconfig,secret'];
const OFFLINE = ['--skip-version-check', '--skip-check-update', '--disable-telemetry', '--offline-scan'];
export const NO_UPDATE = ['--skip-db-update', '--skip-java-db-update'];

/** Trivy as production runs it: in an empty folder and a clean environment, whose files and variables it would obey. */
export async function scan(scanner: Scanner, image: string, more: readonly string[] = NO_UPDATE): Promise<Scan> {
  const folder = await mkdtemp(join(tmpdir(), 'record-'));
  try {
    const output = join(folder, 'out', 'report.json');
    await mkdir(join(folder, 'out'));
    await mkdir(join(folder, 'home'));
    await writeFile(join(folder, 'trivy.yaml'), stringify({ registry: { mirrors: { [REGISTRY]: [scanner.mirror] } } }));
    const finished = await run(scanner.trivy, [
      'image', '--config', join(folder, 'trivy.yaml'), '--cache-dir', scanner.cache, '--cache-backend', 'memory', '--image-src', 'remote',
      ...SCANNERS, ...OFFLINE, '--format', 'json', '--list-all-pkgs', '--output', output, ...more, image,
    ], { cwd: folder, environment: { PATH: process.env.PATH, HOME: join(folder, 'home') } });
    return { ...finished, report: await readFile(output, 'utf8').catch(() => undefined) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
