import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Figure, isQuick, milliseconds, ratio } from './figure';
import { buildImage } from '../local/images/image';
import { writeLayout } from '../local/images/layout';
import { HARDENED, supportedOs } from '../local/images/zoo/ingredients';
import { MANY_FINDINGS } from '../local/images/zoo/ordinary';
import { zooImage } from '../local/images/zoo/zoo';
import { mustRun } from '../local/tools/command';
import { BUILD_PROGRAM } from '../local/tools/normal-form';
import { ensureTrivy } from '../local/tools/trivy';
import { buildDatabase } from '../local/vulnerability-database/database';
import { syntheticFacts } from '../local/vulnerability-database/synthetic';
import { scanJob } from '../src/core/scanning/scan-job';
import { SCAN_HEAP, scanFlags, secretConfig } from '../src/core/scanning/trivy-flags';
import { digestOf } from '../src/core/text/sha256';

const SECONDS = 900;
/** Real files of many sizes: what this repository depends on. */
const DEPENDENCIES = join(__dirname, '..', 'node_modules');
const LAYERS = 12;

/**
 * The scan program, with all that it does in a build but for the download of a database, which is there
 * already: compared with Trivy alone on the image, with the same flags and the same secret configuration.
 */
export async function scanStepFigures(say: (line: string) => void): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-scan-'));
  try {
    const trivy = await ensureTrivy(say);
    const cache = join(folder, 'cache');
    await buildDatabase(join(cache, 'db'), { updatedAt: new Date(), extra: syntheticFacts(MANY_FINDINGS) });
    markAsDownloaded(join(cache, 'db', 'metadata.json'));
    const measured = (name: string, rounds: number, digest: string) => {
      const layout = join(folder, name);
      return ratio(
        rounds,
        () => scanAsBuild(trivy, cache, `${layout}@${digest}`),
        () => milliseconds(() => scanAlone(trivy, cache, layout)),
      );
    };
    const many = await zooImage('many-findings');
    await writeLayout(join(folder, 'many'), many);
    const large = await largeImage(folder);
    const against = 'trivy image on the layout itself, by the same flags';
    return [
      {
        name: 'scan_step_over_bare_trivy',
        value: await measured('large', 3, large),
        unit: 'ratio',
        against: `${LAYERS} layers of real files; ${against}; aim ≤ 1.3`,
      },
      {
        name: 'scan_step_over_bare_trivy_small',
        value: await measured('many', 9, many.descriptor.digest),
        unit: 'ratio',
        against: `2,400 findings in a small image; ${against}; aim ≤ 1.3`,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Trivy downloads a database again of which it does not say so. */
function markAsDownloaded(file: string): void {
  const metadata = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...metadata, DownloadedAt: new Date().toISOString() }));
}

async function scanAsBuild(trivy: string, cache: string, reference: string): Promise<number> {
  return inFolder(async folder => {
    const scan = join(folder, 'scan');
    mkdirSync(scan);
    cpSync(cache, join(scan, 'cache'), { recursive: true });
    writeFileSync(
      join(scan, 'job.json'),
      JSON.stringify(
        scanJob({
          seconds: SECONDS,
          databases: { vulnerabilities: [], java: [] },
          mirrors: {},
          secretSearch: 'APPLICATION',
        }),
      ),
    );
    const time = await milliseconds(() =>
      mustRun(BUILD_PROGRAM, ['scan', 'scan/job.json'], 'see what it says', {
        cwd: folder,
        environment: { PATH: dirname(trivy), IMAGE_REFERENCE: reference, SCAN_ID: '0'.repeat(26) },
      }),
    );
    if (!existsSync(join(folder, 'out', 'sbom.cdx.json.gz'))) {
      throw new Error(`the scan failed: ${readFileSync(join(folder, 'out', 'trivy.err'), 'utf8')}`);
    }
    return time;
  });
}

async function scanAlone(trivy: string, cache: string, input: string): Promise<void> {
  await inFolder(async folder => {
    writeFileSync(join(folder, 'secrets.yaml'), secretConfig('APPLICATION'));
    writeFileSync(join(folder, 'none'), '');
    const flags = scanFlags({
      scanners: ['vuln', 'secret', 'misconfig'],
      input,
      cache,
      secrets: 'secrets.yaml',
      seconds: SECONDS,
    });
    await mustRun(trivy, ['image', ...flags], 'see what Trivy says', {
      cwd: folder,
      environment: { HOME: folder, ...SCAN_HEAP },
    });
  });
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-scan-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Made by tar and gzip, as builders make layers. Its digest. */
async function largeImage(folder: string): Promise<string> {
  const names = readdirSync(DEPENDENCIES).sort();
  const parts = Array.from({ length: isQuick ? 1 : LAYERS }, (_, at) =>
    names.filter((_name, index) => index % LAYERS === at),
  );
  const layers = parts.map((part, at) => {
    const file = join(folder, `layer-${at}.tar.gz`);
    mkdirSync(folder, { recursive: true });
    execFileSync('tar', [
      '--owner=0',
      '--group=0',
      '--transform=s,^,app/node_modules/,S',
      '-czf',
      file,
      '-C',
      DEPENDENCIES,
      ...part,
    ]);
    const bytes = readFileSync(file);
    rmSync(file);
    return { bytes, diffId: digestOf(gunzipSync(bytes)) };
  });
  const image = await buildImage({ layers: [supportedOs(), ...layers], config: HARDENED });
  await writeLayout(join(folder, 'large'), image);
  return image.descriptor.digest;
}
