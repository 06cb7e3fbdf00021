import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { cacheFolder } from '../../local/tools/cache-folder';
import { readSources } from '../../local/tools/go-sources';
import { sha256Of } from '../../src/core/text/sha256';

const ROOT = join(__dirname, '..', '..');

/**
 * The end-to-end tests that every change waits for: from a push to its verdict, each gate, waivers, an
 * imported trust, the command line, rights, the move from the former release, and the attacks. The others
 * run in `test:all`.
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
  'upgrade',
  'waivers',
].map(name => `/${name}.e2e`);

/** What the embedded cloud has in common with AWS. */
const CONTRACTS = '/gateway-contract';

/** What other tests deploy. */
const APPS = join('test', 'e2e', 'apps', '/');

/** The contracts hold until the cloud, the clients that they use, or a helper of the tests changes. */
async function contractsKey(): Promise<string> {
  const read = ['adapters', 'local', 'test/e2e'].map(async folder => {
    const entries = await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true });
    return entries
      .filter(entry => entry.isFile())
      .map(entry => relative(ROOT, join(entry.parentPath, entry.name)))
      .filter(file => !file.startsWith(APPS) && (!file.endsWith('.e2e.ts') || file.includes(CONTRACTS)));
  });
  const files = (await Promise.all(read)).flat();
  return sha256Of(await readSources(ROOT, [...files, 'package-lock.json'])).slice(0, 16);
}

/** Runs the journeys, and the contracts if they have not passed with these sources on this machine. */
async function runJourneys(): Promise<number> {
  const passed = join(cacheFolder(), 'contracts', await contractsKey());
  const due = !existsSync(passed);
  if (!due) process.stderr.write('contracts of the embedded cloud: passed here with the same sources\n');
  const jest = ['--ci', '--config', 'test/e2e/jest.config.json', '--json'];
  const { status } = spawnSync(
    join(ROOT, 'node_modules', '.bin', 'jest'),
    [...jest, '--outputFile=test-reports/e2e.json', ...JOURNEYS, ...(due ? [CONTRACTS] : [])],
    { cwd: ROOT, stdio: 'inherit' },
  );
  if (status === 0 && due) {
    mkdirSync(dirname(passed), { recursive: true });
    writeFileSync(passed, '');
  }
  return status ?? 1; // stopped by a signal
}

if (require.main === module) {
  void runJourneys().then(status => {
    process.exitCode = status;
  });
}
