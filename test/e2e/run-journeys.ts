import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../../local/tools/cache-folder';

const ROOT = join(__dirname, '..', '..');

/**
 * The end-to-end tests that every change waits for: from a push to its verdict, each gate, waivers, an
 * imported trust, the command line, rights, and the attacks. The others run in `test:all`.
 */
export const JOURNEYS = [
  'accounted-for',
  'attacks-coverage',
  'cli',
  'deployment-gate',
  'first-deployment',
  'forged-builds',
  'gate-secrets',
  'gates',
  'imported-trust',
  'push-to-verdict',
  'roles',
  'waivers',
].map(name => `/${name}.e2e`);

/** What the embedded cloud has in common with AWS. */
const CONTRACTS = '/gateway-contract';

/** The contracts hold until one of these changes. */
function contractsKey(): string {
  const files = ['local', 'test/e2e'].flatMap(folder =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath, entry.name))
      .filter(file => folder === 'local' || file.includes(CONTRACTS)),
  );
  const key = createHash('sha256');
  for (const file of [...files, join(ROOT, 'package-lock.json')].sort()) {
    const content = readFileSync(file);
    key.update(`${file.slice(ROOT.length)}\0${content.length}\0`).update(content);
  }
  return key.digest('hex').slice(0, 16);
}

/** Runs the journeys, and the contracts if they have not passed with these sources on this machine. */
function runJourneys(args: readonly string[]): number {
  const passed = join(cacheFolder(), 'contracts', contractsKey());
  const due = !existsSync(passed);
  if (!due) process.stderr.write('contracts of the embedded cloud: passed here with the same sources\n');
  const jest = ['--ci', '--config', 'test/e2e/jest.config.json', '--json'];
  const { status } = spawnSync(
    join(ROOT, 'node_modules', '.bin', 'jest'),
    [...jest, '--outputFile=test-reports/e2e.json', ...JOURNEYS, ...(due ? [CONTRACTS] : []), ...args],
    { cwd: ROOT, stdio: 'inherit' },
  );
  if (status === 0 && due) {
    mkdirSync(dirname(passed), { recursive: true });
    writeFileSync(passed, '');
  }
  return status ?? 1; // stopped by a signal
}

if (require.main === module) process.exitCode = runJourneys(process.argv.slice(2));
