import type { Deployment } from './deployments';
import type { Verification } from './verifications';
import { plainText } from '../../src/core/text/plain-text';

export interface Line {
  readonly image: string;
  readonly title: string;
  readonly expected: string;
  readonly outcome: string;
  readonly seconds: number;
  readonly worst: readonly string[];
}

const COLOURS: Record<string, string> = {
  PASS: '32',
  deployed: '32',
  accepts: '32',
  FAIL: '31',
  refused: '31',
  refuses: '31',
  ERROR: '33',
  failed: '33',
};

/** The outcomes of the demo that differ from the expected ones. */
export function mark(asExpected: boolean, expected: string): string {
  return asExpected ? '' : `   <-- expected ${expected}`;
}

/** Image, verdict, and why; in colour on a terminal that wants it. */
export function outcomeTable(lines: readonly Line[], colour: boolean): string {
  const width = Math.max(...lines.map(({ image }) => image.length));
  return lines
    .map(({ image, title, expected, outcome, seconds, worst }) => {
      const head = `${image.padEnd(width)}  ${painted(outcome, 7, colour)}  ${seconds.toFixed(1).padStart(5)} s  ${title}${mark(outcome === expected, expected)}`;
      return [head, ...worst.map(each => `${' '.repeat(width + 2)}- ${plainText(each, 200)}`)].join('\n');
    })
    .join('\n');
}

export function deploymentTable(deployments: readonly Deployment[], colour: boolean): string {
  return deployments
    .map(({ tag, outcome, expected, said }) => {
      const head = `cdk deploy Service -c tag=${tag}: ${painted(outcome, 0, colour)}${mark(outcome === expected, expected)}`;
      return [head, ...said.map(each => `    ${plainText(each, 300)}`)].join('\n');
    })
    .join('\n');
}

/** One line for each verifier, followed by its answer about each image. */
export function verificationTable(verifications: readonly Verification[], colour: boolean): string {
  return [...new Set(verifications.map(({ verifier }) => verifier))]
    .map(verifier =>
      [
        verifier,
        ...verifications
          .filter(each => each.verifier === verifier)
          .map(
            ({ title, accepted, expected }) =>
              `    ${painted(accepted ? 'accepts' : 'refuses', 7, colour)}  ${title}${mark(accepted === expected, expected ? 'accepts' : 'refuses')}`,
          ),
      ].join('\n'),
    )
    .join('\n');
}

function painted(word: string, width: number, colour: boolean): string {
  const padded = word.padEnd(width);
  return colour && COLOURS[word] !== undefined ? `\u001b[${COLOURS[word]}m${padded}\u001b[0m` : padded;
}
