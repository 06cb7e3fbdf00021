import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordFailures } from './recorder/failures';
import { LANGUAGE_FACTS, languages } from './recorder/languages';
import { platformsOf, recordFormats, recordImage, recordReport } from './recorder/reports';
import { Scanner } from './recorder/scan';
import type { Content } from '../../local/images/content';
import { ATTACKS } from '../../local/images/zoo/attacks';
import { ZOO } from '../../local/images/zoo/zoo';
import { mustRun } from '../../local/tools/command';
import { ensureCrane } from '../../local/tools/crane';
import { Registry, serveRegistry } from '../../local/tools/registry';
import { ensureTrivy } from '../../local/tools/trivy';
import { buildDatabase } from '../../local/vulnerability-database/database';
import { pushDatabase, pushJavaDatabase } from '../../local/vulnerability-database/database-artifact';
import { buildJavaDatabase } from '../../local/vulnerability-database/java-database';

/**
 * Run me with `npx tsx test/reports/record.ts` after a change of Trivy's version or of the zoo; it takes a
 * minute.
 */

const FOLDER = __dirname;
const UPDATED_AT = new Date('2026-11-24T06:00:00Z');
const ATTACKS_FOLDER = join(FOLDER, 'attacks');
const { 'many-findings': _of3MB, ...RECORDED } = ZOO;
const CONVERTED = ['fixable-critical', 'secret-deleted-later', 'canaries'];

async function record(): Promise<void> {
  const trivy = await ensureTrivy(say);
  const registry = await serveRegistry(await ensureCrane(say));
  const work = await mkdtemp(join(tmpdir(), 'record-'));
  try {
    const scanner: Scanner = { trivy, cache: join(work, 'cache') };
    await forgetLastTime();
    await downloadDatabases(scanner, registry, work);
    await recordImages({ ...RECORDED, languages }, scanner, FOLDER);
    await recordImages(ATTACKS, scanner, ATTACKS_FOLDER);
    for (const name of CONVERTED) await recordFormats(scanner, FOLDER, name);
    await recordFailures(scanner, registry, join(FOLDER, 'errors'), say);
  } finally {
    registry.stop();
    await rm(work, { recursive: true, force: true });
  }
}

/** Else an image that left the zoo, or can no longer be scanned, keeps its old report. */
async function forgetLastTime(): Promise<void> {
  const files = (await readdir(FOLDER)).filter(
    name => name.endsWith('.json') || name.endsWith('.stderr.txt'),
  );
  for (const name of [...files, 'errors', 'attacks']) {
    await rm(join(FOLDER, name), { recursive: true, force: true });
  }
}

/** The way that production gets them, so that what Trivy says of its version is what it says there. */
async function downloadDatabases(
  { trivy, cache }: Scanner,
  { url, host }: Registry,
  work: string,
): Promise<void> {
  await buildDatabase(join(work, 'db'), { updatedAt: UPDATED_AT, extra: LANGUAGE_FACTS });
  await buildJavaDatabase(join(work, 'java-db'), { updatedAt: UPDATED_AT });
  const database = await pushDatabase(url, join(work, 'db'));
  const java = await pushJavaDatabase(url, join(work, 'java-db'));
  const remedy = 'see local/vulnerability-database/database-artifact.ts';
  await mustRun(
    trivy,
    [
      'image',
      '--cache-dir',
      cache,
      '--download-db-only',
      '--db-repository',
      `${host}/${database.repository}:${database.tag}`,
    ],
    remedy,
  );
  await mustRun(
    trivy,
    [
      'image',
      '--cache-dir',
      cache,
      '--download-java-db-only',
      '--java-db-repository',
      `${host}/${java.repository}:${java.tag}`,
    ],
    remedy,
  );
  await writeFile(
    join(FOLDER, 'trivy-version.json'),
    await mustRun(trivy, ['version', '--format', 'json', '--cache-dir', cache], remedy),
  );
  say(`trivy-version.json: databases downloaded from ${host}`);
}

type Images = Readonly<Record<string, () => Promise<Content>>>;

async function recordImages(images: Images, scanner: Scanner, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, make] of Object.entries(images)) {
    const content = await make();
    await recordImage(folder, name, content);
    for (const platform of platformsOf(name, content)) {
      if (platform.image !== content) await recordImage(folder, platform.name, platform.image);
      say(await recordReport(scanner, folder, platform.name, platform.image));
    }
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

record().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
