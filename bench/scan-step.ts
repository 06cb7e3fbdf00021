import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Figure, isQuick, milliseconds, ratio } from './figure';
import { readImage } from '../adapters/programs/image-reader';
import { buildImage } from '../local/images/image';
import { writeLayout } from '../local/images/layout';
import { HARDENED, supportedOs } from '../local/images/zoo/ingredients';
import { MANY_FINDINGS } from '../local/images/zoo/ordinary';
import { zooImage } from '../local/images/zoo/zoo';
import { mustRun } from '../local/tools/command';
import { ensureTrivy } from '../local/tools/trivy';
import { buildDatabase } from '../local/vulnerability-database/database';
import { syntheticFacts } from '../local/vulnerability-database/synthetic';
import { SCAN_INPUT } from '../src/core/scanning/normal-form';
import { scanFlags, secretConfig } from '../src/core/scanning/trivy-flags';
import { digestOf } from '../src/core/text/sha256';

const SECONDS = 900;
/** Real files of many sizes: what this repository depends on. */
const DEPENDENCIES = join(__dirname, '..', 'node_modules');
const LAYERS = 12;

/**
 * Reads an image and scans its normal form, compared with Trivy alone on the image, with the same flags and
 * the same secret configuration.
 */
export async function scanStepFigures(say: (line: string) => void): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-scan-'));
  try {
    const trivy = await ensureTrivy(say);
    await buildDatabase(join(folder, 'cache', 'db'), {
      updatedAt: new Date(),
      extra: syntheticFacts(MANY_FINDINGS),
    });
    writeFileSync(join(folder, 'secrets.yaml'), secretConfig('APPLICATION'));
    writeFileSync(join(folder, 'none'), '');
    const scan = (input: string) =>
      mustRun(
        trivy,
        [
          'image',
          ...scanFlags({
            scanners: ['vuln', 'secret', 'misconfig'],
            input,
            cache: 'cache',
            secrets: 'secrets.yaml',
            seconds: SECONDS,
          }),
        ],
        'see what Trivy says',
        { cwd: folder, environment: { HOME: folder } },
      );
    const measured = async (name: string, rounds: number, digest: string) => {
      const layout = join(folder, name);
      const ours = () =>
        milliseconds(async () => {
          const form = await readImage({
            digest,
            layout,
            out: join(folder, 'form'),
            scratch: folder,
            seconds: SECONDS,
          });
          if (!form.ok) throw new Error(form.error.detail);
          await scan(SCAN_INPUT);
          rmSync(join(folder, 'form'), { recursive: true });
        });
      return ratio(rounds, ours, () => milliseconds(() => scan(layout)));
    };
    const many = await zooImage('many-findings');
    await writeLayout(join(folder, 'many'), many);
    const large = await largeImage(folder);
    const against = 'trivy image on the layout itself, by the same flags; aim ≤ 1.2';
    return [
      {
        name: 'scan_step_over_bare_trivy',
        value: await measured('large', 3, large),
        unit: 'ratio',
        against: `${LAYERS} layers of real files; ${against}`,
      },
      {
        name: 'scan_step_over_bare_trivy_small',
        value: await measured('many', 9, many.descriptor.digest),
        unit: 'ratio',
        against: `2,400 findings in a small image; ${against}`,
      },
    ];
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
