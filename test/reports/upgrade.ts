import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findingChanges, recordedFindings } from './finding-changes';
import { currentPins, publishedIn, writePins, type TrivyPins } from './trivy-pins';
import { Registry } from '../../adapters/registry/registry';
import { mustRun, run } from '../../local/tools/command';
import { THIS_MACHINE } from '../../local/tools/machine';
import { RELEASES } from '../../local/tools/versions';
import { Limit } from '../../src/core/limits';

const ROOT = join(__dirname, '..', '..');
const AUTHORITIES = join(ROOT, 'test', 'conformance', 'authorities');
const PACKAGES = join(ROOT, 'test', 'conformance', 'packages.json');
/** What other people's code is asked of: Trivy, and the checks that it embeds. */
const MODULES = ['github.com/aquasecurity/trivy', 'github.com/aquasecurity/trivy-checks'] as const;
const USAGE =
  'npx projen upgrade:trivy <version> [--image sha256:<64 hex>] [--archive <64 hex>], for example 0.75.0';

/**
 * Another release of Trivy: pins it, records all reports with it, says what changed in the findings of the
 * test images, and runs the suites of other people again.
 */
async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { image: { type: 'string' }, archive: { type: 'string' } },
  });
  const [version = '', ...more] = positionals;
  if (!/^\d+\.\d+\.\d+$/.test(version) || more.length > 0) {
    throw new Error(`the version of Trivy is "${positionals.join(' ')}", allowed: ${USAGE}`);
  }
  const from = currentPins();
  const to = {
    version,
    archive: values.archive ?? (await archiveOf(version, from)),
    image: values.image ?? (await imageOf(version)),
  };
  if (!/^[0-9a-f]{64}$/.test(to.archive) || !/^sha256:[0-9a-f]{64}$/.test(to.image)) {
    throw new Error(`the pins are ${JSON.stringify(to)}, allowed: ${USAGE}`);
  }
  say(`Trivy ${version}: image ${to.image}, archive ${to.archive}; compare both with the release`);
  const before = recordedFindings(__dirname);
  writePins(from, to);
  await pinModules(version);
  // in processes of their own: this one has read the old pins
  await mustRun('npx', ['tsx', 'test/reports/record.ts'], 'see test/reports/record.ts', { cwd: ROOT });
  const changes = findingChanges(before, recordedFindings(__dirname));
  say(
    `findings, ${from.version} to ${version}: ${changes.length === 0 ? 'no changes' : `${changes.length} changes`}`,
  );
  changes.forEach(change => say(`  ${change}`));
  const suites = await run('npx', ['projen', 'test:conformance'], { cwd: ROOT });
  say(suites.stdout + suites.stderr);
  say('now run npm test, and commit what changed');
  process.exitCode = suites.code;
}

/** From the list of checksums beside the archive. */
async function archiveOf(version: string, from: TrivyPins): Promise<string> {
  const url = RELEASES.trivy.url.replaceAll(from.version, version);
  const name = url.slice(url.lastIndexOf('/') + 1);
  const list = new URL(`trivy_${version}_checksums.txt`, url).href;
  const text = await THIS_MACHINE.download(list).catch((error: unknown) => {
    throw new Error(
      `${list} cannot be read (${reason(error)}); give the checksum by --archive, and nothing was changed`,
    );
  });
  const line = text
    .toString('utf8')
    .split('\n')
    .find(each => each.endsWith(`  ${name}`));
  if (line === undefined) throw new Error(`${list} has no ${name}; give the checksum by --archive`);
  return line.split(' ')[0]!;
}

/** What the registry has for the tag now. */
async function imageOf(version: string): Promise<string> {
  const { host, path } = publishedIn();
  const registry = new Registry({ host, path }, process.env);
  const found = await registry.manifest(version, Limit.manifestBytes).catch((error: unknown) => {
    throw new Error(`${reason(error)}; give the digest by --image, and nothing was changed`);
  });
  return found.digest;
}

/** The module that the suites ask, and all that it needs, in its own versions. */
async function pinModules(version: string): Promise<void> {
  const remedy = "Go's module proxy must be in reach";
  const environment = { ...process.env, GOFLAGS: '-mod=mod' };
  const go = (...args: string[]) => mustRun('go', args, remedy, { cwd: AUTHORITIES, environment });
  await go('get', `${MODULES[0]}@v${version}`);
  await go('mod', 'tidy');
  const packages = JSON.parse(readFileSync(PACKAGES, 'utf8')) as Record<string, object>;
  for (const module of MODULES) {
    const { Version, Sum } = JSON.parse(await go('mod', 'download', '-json', module)) as Record<
      string,
      string
    >;
    packages[`go:${module}`] = { version: Version, hash: Sum };
  }
  writeFileSync(PACKAGES, `${JSON.stringify(packages, undefined, 2)}\n`);
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${reason(error)}\n`);
  process.exitCode = 1;
});
