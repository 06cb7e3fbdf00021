import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const REPORTS = join(__dirname, '..', '..', 'reports');

/** An image of test/reports, as it lies in a registry. */
export interface Stored {
  readonly digest: string;
  readonly mediaType: string;
  readonly manifest: any;
  readonly config?: any;
}

export function storedImage(name: string): Stored {
  return JSON.parse(readFileSync(join(REPORTS, `${name}.image.json`), 'utf8'));
}

/** Whether Trivy wrote a report about it. */
export function isScannable(name: string): boolean {
  return existsSync(join(REPORTS, `${name}.json`));
}

/** A report as Trivy wrote it. */
export function trivyReport(name: string): any {
  return JSON.parse(readFileSync(join(REPORTS, `${name}.json`), 'utf8'));
}

/** What Trivy wrote to standard error beside it. */
export function trivyErrors(name: string): string {
  return readFileSync(join(REPORTS, `${name}.stderr.txt`), 'utf8');
}

/** Step, exit code and standard error of a download or a scan that failed. */
export function trivyFailure(name: string): { step: 'download' | 'scan'; exitCode: number; errors: string } {
  const [first, ...errors] = readFileSync(join(REPORTS, 'errors', `${name}.txt`), 'utf8').split('\n');
  return {
    step: name.startsWith('download-') ? 'download' : 'scan',
    exitCode: Number(/^exit (\d+)$/.exec(first!)![1]),
    errors: errors.join('\n'),
  };
}
