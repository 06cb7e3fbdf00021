import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder';
import { mustRun } from './command';
import { readGoSources } from './go-sources';
import { sha256Of } from '../../src/core/text/sha256';

const SOURCES = join(__dirname, '..', '..', 'rego');

/** One of OPA's own evaluation cases, see rego/cases. */
export interface RegoCase {
  readonly version: 'v0' | 'v1';
  readonly note: string;
  readonly query: string;
  readonly modules?: readonly string[];
  readonly data?: object;
  readonly input?: unknown;
  readonly has_input: boolean;
  readonly input_term?: string;
  readonly strict_error?: boolean;
  readonly sort_bindings?: boolean;
  readonly ignore_generated_vars?: boolean;
  readonly want_result?: readonly Record<string, unknown>[];
  readonly want_defined?: boolean;
  readonly want_error?: string;
  readonly want_error_code?: string;
}

/** All cases of the pinned OPA, taken from its Go module; kept by the digest of the sources, which pin it. */
export async function regoCases(): Promise<RegoCase[]> {
  const key = sha256Of(await readGoSources(SOURCES)).slice(0, 16);
  const folder = join(cacheFolder(), 'tools');
  const kept = join(folder, `rego-cases-${key}.jsonl`);
  if (!existsSync(kept)) {
    await mkdir(folder, { recursive: true });
    const lines = await mustRun(
      'go',
      ['run', '-mod=readonly', './cases'],
      'Go 1.26 or newer must be on PATH, and its module proxy in reach',
      { cwd: SOURCES },
    );
    await writeFile(`${kept}.${process.pid}`, lines);
    await rename(`${kept}.${process.pid}`, kept);
  }
  return (await readFile(kept, 'utf8'))
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as RegoCase);
}
