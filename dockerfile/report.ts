import type { DockerfileFinding, Level } from './checks/finding';
import { REPOSITORY_URL } from '../src/core/repository-url';

/** The same three words as for an image. */
export type Outcome = 'PASS' | 'FAIL' | 'ERROR';

/** A refused finding decides, even if another one is unclear. */
export function outcomeOf(findings: readonly DockerfileFinding[]): Outcome {
  const has = (wanted: Level) => findings.some(({ level }) => level === wanted);
  if (has('refused')) return 'FAIL';
  return has('unclear') ? 'ERROR' : 'PASS';
}

export interface DockerfileReport {
  readonly version: 1;
  readonly file: string;
  readonly outcome: Outcome;
  readonly findings: readonly DockerfileFinding[];
}

export function reportOf(file: string, findings: readonly DockerfileFinding[]): DockerfileReport {
  return { version: 1, file, outcome: outcomeOf(findings), findings };
}

const LEVELS: Readonly<Record<Level, string>> = { refused: 'error', unclear: 'error', warned: 'warning' };

/**
 * SARIF 2.1.0, which code scanning shows beside the lines of a pull request.
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function dockerfileSarif({ file, findings }: DockerfileReport): object {
  const rules = [...new Map(findings.map(finding => [finding.rule, finding])).values()];
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'trusted-images',
            informationUri: REPOSITORY_URL,
            rules: rules.map(({ rule, remedy, url }) => ({
              id: rule,
              shortDescription: { text: rule },
              help: { text: remedy },
              ...(url !== undefined && { helpUri: url }),
            })),
          },
        },
        results: findings.map(({ rule, level, line, message, remedy }) => ({
          ruleId: rule,
          ruleIndex: rules.findIndex(each => each.rule === rule),
          level: LEVELS[level],
          message: { text: `${message}; ${remedy}` },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: file.split('/').map(encodeURIComponent).join('/') },
                region: { startLine: line },
              },
            },
          ],
        })),
      },
    ],
  };
}
