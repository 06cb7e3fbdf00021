import { answerLines } from './answer-text';
import { writeFiles } from './files';
import { repositoryIn, scannersIn, secondsIn, severitiesIn, type ScanOptions } from './options';
import { scanImage } from './scan-image';
import type { Cli } from '../cli';
import { ExitCode } from '../exit-code';

const CODES = { PASS: ExitCode.trusted, FAIL: ExitCode.refused, ERROR: ExitCode.couldNotTell } as const;

export async function scan(name: string, options: ScanOptions, cli: Cli): Promise<void> {
  const severities = severitiesIn(options.severity);
  [scannersIn(options.scanners), repositoryIn(options.repository), secondsIn(options.timeout)]; // what is misspelt is told before anything takes time
  const answer = await scanImage(name, options, options.sbom !== undefined, cli);
  await writeFiles(answer, options, cli);
  const lines = answerLines(answer, severities, cli.out);
  if (options.json === '-') cli.out.note(lines[0]!);
  else lines.forEach(line => cli.out.print(line));
  cli.endWith(CODES[answer.outcome]);
}
