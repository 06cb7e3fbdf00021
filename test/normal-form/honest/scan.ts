import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { advisoriesAbout, RED_HAT_CONTENT, type Distribution } from './advisories';
import { compareFindings, type Comparison } from './comparison';
import { readInventory, type Declared } from './inventory';
import { timed, type Timed } from './timed';
import { BUILD_PROGRAM } from '../../../local/tools/normal-form';
import { ensureTrivy } from '../../../local/tools/trivy';
import { buildDatabase } from '../../../local/vulnerability-database/database';
import { buildJavaDatabase } from '../../../local/vulnerability-database/java-database';
import { Limit } from '../../../src/core/limits';
import { readAccounting, type Accounting } from '../../../src/core/scanning/accounting';
import { dropDistributionsOwn } from '../../../src/core/scanning/drop-distributions-own';
import { SCAN_INPUT } from '../../../src/core/scanning/normal-form';
import { SCAN_HEAP, scanFlags, secretConfig } from '../../../src/core/scanning/trivy-flags';
import type { TrivyReport } from '../../../src/core/scanning/trivy-report';

const SECONDS = 1800;

export interface Image {
  readonly layout: string;
  readonly digest: string;
  readonly distributions: readonly Distribution[];
}

export interface Scanned {
  readonly accounting: Accounting;
  readonly declared: readonly Declared[];
  readonly findings: Comparison;
  readonly read: Timed;
  readonly scan: Timed;
  readonly account: Timed;
  /** Trivy alone, on the image itself. */
  readonly bare: Timed;
}

/**
 * Reads, scans and accounts for an image as a build does, and has Trivy alone scan it too: by the same flags
 * but for its belief in files of the system, which is on unless somebody switches it off.
 */
export async function scanBoth(
  { layout, digest, distributions }: Image,
  root: string,
  folder: string,
): Promise<Scanned> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const form = join(folder, 'form');
  const limits = [`--max-bytes=${Limit.normalFormBytes}`, `--max-entries=${Limit.imageFiles}`];
  const read = await timed(BUILD_PROGRAM, [...limits, digest, form, layout], folder);
  const declared = readInventory(form);
  const database = join(folder, 'cache', 'db');
  await buildDatabase(database, {
    updatedAt: new Date(),
    extra: advisoriesAbout(declared, distributions),
    buckets: [RED_HAT_CONTENT],
  });
  await buildJavaDatabase(join(folder, 'cache', 'java-db'), { updatedAt: new Date() });
  writeFileSync(join(folder, 'secrets.yaml'), secretConfig('APPLICATION'));
  writeFileSync(join(folder, 'none'), '');

  const scan = await trivy(folder, SCAN_INPUT);
  const report = join(folder, 'report.json');
  const account = await timed(
    BUILD_PROGRAM,
    ['account', `--advisories=${join(database, 'trivy.db')}`, form, report],
    folder,
  );
  const accounting = readAccounting(readFileSync(join(form, 'accounting.json'), 'utf8'));
  if (!accounting.ok) throw new Error(accounting.error.detail);
  const ours = dropDistributionsOwn(readReport(report), accounting.value.ofDistribution);

  symlinkSync(layout, join(folder, 'bare'));
  const bare = await trivy(folder, 'bare', ['--detection-priority=precise']);
  const findings = compareFindings(readReport(report), ours, root);
  return { accounting: accounting.value.accounting, declared, findings, read, scan, account, bare };
}

async function trivy(folder: string, input: string, more: readonly string[] = []): Promise<Timed> {
  const flags = scanFlags({
    scanners: ['vuln', 'secret', 'misconfig'],
    input,
    cache: 'cache',
    secrets: 'secrets.yaml',
    seconds: SECONDS,
  });
  const program = await ensureTrivy(() => undefined);
  return timed(program, ['image', ...flags, ...more], folder, { HOME: folder, TMPDIR: folder, ...SCAN_HEAP });
}

function readReport(file: string): TrivyReport {
  return JSON.parse(readFileSync(file, 'utf8')) as TrivyReport;
}
