import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTrivyReport, type TrivyReport } from '../../../src/core/scanning/trivy-report';

const FOLDER = join(__dirname, '..', '..', 'reports');

/** The images of the zoo that Trivy reported on; an index has one report per child. */
export const REPORTS = readdirSync(FOLDER)
  .filter(name => name.endsWith('.json') && !/\.(?:image|sarif|cdx)\.json$/.test(name) && name !== 'trivy-version.json')
  .map(name => name.slice(0, -'.json'.length));

export function reportBytes(name: string): Buffer {
  return readFileSync(join(FOLDER, `${name}.json`));
}

/** As Trivy wrote it, with everything in it. */
export function rawReport(name: string): any {
  return JSON.parse(reportBytes(name).toString('utf8'));
}

export function report(name: string): TrivyReport {
  return parsed(rawReport(name));
}

export function parsed(document: unknown): TrivyReport {
  const read = readTrivyReport(Buffer.from(JSON.stringify(document)));
  if (!read.ok) throw new Error(read.error.detail);
  return read.value;
}

/** What Trivy said on standard error while it wrote the report. */
export function said(name: string): string {
  return readFileSync(join(FOLDER, `${name}.stderr.txt`), 'utf8');
}

export function recorded(file: string): string {
  return readFileSync(join(FOLDER, file), 'utf8');
}

export interface StoredImage {
  readonly digest: string;
  readonly mediaType: string;
  readonly manifest: any;
  readonly config: any;
}

/** What the registry holds. */
export function storedImage(name: string): StoredImage {
  return JSON.parse(recorded(`${name}.image.json`));
}

/** Scans that failed: exit code and standard error. */
export const FAILURES = readdirSync(join(FOLDER, 'errors')).map(name => name.slice(0, -'.txt'.length));

export function failure(name: string): { exitCode: number; errors: string } {
  const [first, ...lines] = recorded(`errors/${name}.txt`).split('\n');
  return { exitCode: Number(first.replace('exit ', '')), errors: lines.join('\n') };
}
