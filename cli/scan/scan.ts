import { answerLines } from './answer-text';
import { writeFiles } from './files';
import { usageError } from '../../src/core/user-error';
import {
  repositoryIn,
  scannersIn,
  secondsIn,
  severitiesIn,
  type ScanOptions,
} from '../../use-cases/image-scan/options';
import { scanImage } from '../../use-cases/image-scan/scan-image';
import type { Cli } from '../shell/cli';
import { ExitCode } from '../shell/exit-code';

const CODES = { PASS: ExitCode.trusted, FAIL: ExitCode.refused, ERROR: ExitCode.indeterminate } as const;

export async function scan(name: string, options: ScanOptions, cli: Cli): Promise<void> {
  const severities = severitiesIn(options.severity);
  // mistakes in options are reported before anything takes time
  [scannersIn(options.scanners), repositoryIn(options.repository), secondsIn(options.timeout)];
  checkTogether(options);
  const answer = await scanImage(name, options, options.sbom !== undefined, cli);
  await writeFiles(answer, options, cli);
  const lines = answerLines(answer, severities, cli.out);
  if (options.json === '-' || options.sarif === '-') cli.out.note(lines[0]!);
  else lines.forEach(line => cli.out.print(line));
  cli.endWith(CODES[answer.outcome]);
}

function checkTogether({ json, sarif, sbom, html, trust, fromStack }: ScanOptions): void {
  if (json === '-' && sarif === '-') {
    throw usageError(
      '--json - and --sarif - would print two documents into one another; give one of them a file',
    );
  }
  if (sbom === '-') {
    throw usageError('--sbom is "-", allowed: a file; an index has an SBOM for each of its images');
  }
  if (html === '-') throw usageError('--html is "-", allowed: a file, to open in a browser');
  if (trust !== undefined && fromStack === undefined) {
    throw usageError('--trust goes with --from-stack only; name the stack too');
  }
}
