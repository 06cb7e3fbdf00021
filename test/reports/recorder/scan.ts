import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readImage } from '../../../adapters/programs/image-reader';
import type { Content } from '../../../local/images/content';
import { writeLayout } from '../../../local/images/layout';
import { Finished, run } from '../../../local/tools/command';
import type { Failure } from '../../../src/core/scanning/failed-scan';
import { SCAN_INPUT, type NormalForm } from '../../../src/core/scanning/normal-form';
import { downloadFlags, scanFlags, SecretSearch, secretConfig } from '../../../src/core/scanning/trivy-flags';

export interface Scanner {
  readonly trivy: string;
  /** Where the vulnerability database lies. */
  readonly cache: string;
}

export interface Scan extends Finished {
  readonly report: string | undefined;
  /** What Trivy was shown, as the reader of images wrote it down. */
  readonly form: NormalForm;
}

/**
 * As production does it: the image is read, and Trivy scans its normal form, in an empty folder and a clean
 * environment. A failure: it was not read.
 */
export async function scan({ trivy, cache }: Scanner, image: Content): Promise<Scan | Failure> {
  return inFolder(async folder => {
    await writeLayout(join(folder, 'layout'), image);
    const form = await readImage({
      digest: image.descriptor.digest,
      layout: join(folder, 'layout'),
      out: join(folder, 'form'),
      scratch: folder,
      seconds: 60,
    });
    if (!form.ok) return form.error;
    await writeFile(join(folder, 'secrets.yaml'), secretConfig(SecretSearch.application));
    await writeFile(join(folder, 'none'), '');
    const flags = scanFlags({
      scanners: ['vuln', 'secret', 'misconfig'],
      input: SCAN_INPUT,
      cache,
      secrets: 'secrets.yaml',
      seconds: 60,
    });
    const finished = await run(trivy, ['image', ...flags], { cwd: folder, environment: { HOME: folder } });
    return {
      ...finished,
      form: form.value,
      report: await readFile(join(folder, 'report.json'), 'utf8').catch(() => undefined),
    };
  });
}

/** As production fetches a database, into a cache that is empty. */
export async function download({ trivy, cache }: Scanner, repository: string): Promise<Finished> {
  return inFolder(folder =>
    run(trivy, ['image', ...downloadFlags('vulnerabilities', cache, [repository])], {
      cwd: folder,
      environment: { HOME: folder },
    }),
  );
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'record-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
