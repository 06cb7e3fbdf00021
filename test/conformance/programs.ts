import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PACKAGES } from './packages';
import { cacheFolder } from '../../local/tools/cache-folder';
import { mustRun } from '../../local/tools/command';

/** A program of a pinned Go module, built as its authors build it: in its own folder, by its own `go.mod`. */
export async function ensureProgram(module: string, folder: string, source: string): Promise<string> {
  const { version } = PACKAGES[module]!;
  const kept = join(cacheFolder(), 'conformance', 'programs', `${basename(source)}-${version}`);
  if (existsSync(kept)) return kept;
  process.stderr.write(`building ${source} ${version}, once: this takes five to fifteen minutes\n`);
  await mkdir(dirname(kept), { recursive: true });
  const draft = `${kept}.${process.pid}`;
  try {
    await mustRun(
      'go',
      ['build', '-mod=readonly', '-buildvcs=false', '-trimpath', '-ldflags=-s -w', '-o', draft, source],
      'install Go 1.26 or newer, and have its module proxy in reach',
      { cwd: folder, environment: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '' } },
    );
    await rename(draft, kept);
    return kept;
  } finally {
    await rm(draft, { force: true });
  }
}
