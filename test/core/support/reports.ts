import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ofOriginal, readNormalForm, type NormalForm } from '../../../src/core/scanning/normal-form';
import { readTrivyReport } from '../../../src/core/scanning/read-trivy-report';
import type { TrivyReport } from '../../../src/core/scanning/trivy-report';

const FOLDER = join(__dirname, '..', '..', 'reports');

/** The images of the zoo that Trivy reported on; an index has one report per child. */
export const REPORTS = readdirSync(FOLDER)
  .filter(
    name =>
      name.endsWith('.json') &&
      !/\.(?:form|image|sarif|cdx)\.json$/.test(name) &&
      name !== 'trivy-version.json',
  )
  .map(name => name.slice(0, -'.json'.length));

export function reportBytes(name: string): Buffer {
  return readFileSync(join(FOLDER, `${name}.json`));
}

/** As Trivy wrote it of the normal form, with everything in it. */
export function rawReport(name: string): any {
  return JSON.parse(reportBytes(name).toString('utf8'));
}

/** What that form is of. */
export function form(name: string): NormalForm {
  const read = readNormalForm(recorded(`${name}.form.json`));
  if (!read.ok) throw new Error(read.error.detail);
  return read.value;
}

export const REFERENCE = '000000000000.dkr.ecr.us-east-1.amazonaws.com/team/app';

/** The report about the image itself, as the evaluator makes it of what Trivy wrote. */
export function report(name: string): TrivyReport {
  const { image, config } = form(name);
  const original = ofOriginal(parsed(rawReport(name)), form(name), {
    reference: `${REFERENCE}@${image}`,
    digest: image,
    configDigest: config,
  });
  if (!original.ok) throw new Error(original.error);
  return original.value;
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

/** Downloads and scans that failed: step, exit code and standard error. */
export const FAILURES = readdirSync(join(FOLDER, 'errors')).map(name => name.slice(0, -'.txt'.length));

export function failure(name: string): { step: 'download' | 'scan'; exitCode: number; errors: string } {
  const [first, ...lines] = recorded(`errors/${name}.txt`).split('\n');
  return {
    step: name.startsWith('download-') ? 'download' : 'scan',
    exitCode: Number(first.replace('exit ', '')),
    errors: lines.join('\n'),
  };
}
