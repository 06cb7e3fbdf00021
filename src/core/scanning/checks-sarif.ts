import { sarifMessage } from './sarif-message';
import { REPOSITORY_URL } from '../repository-url';

/** What a check says about a line of a file. */
export interface CheckResult {
  readonly rule: string;
  readonly level: 'error' | 'warning';
  readonly file: string;
  readonly line: number;
  readonly message: string;
  readonly remedy: string;
  readonly url?: string;
  /** Somebody accepted it: the message says who. */
  readonly isSuppressed?: boolean;
}

/**
 * SARIF 2.1.0 of checks of files, which code scanning shows beside the lines of a pull request.
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function checksSarif(results: readonly CheckResult[]): object {
  const rules = [...new Map(results.map(result => [result.rule, result])).values()];
  const indexes = new Map(rules.map(({ rule }, at) => [rule, at]));
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
              shortDescription: sarifMessage(rule),
              help: sarifMessage(remedy),
              ...(url !== undefined && { helpUri: url }),
            })),
          },
        },
        results: results.map(({ rule, level, file, line, message, remedy, isSuppressed = false }) => ({
          ruleId: rule,
          ruleIndex: indexes.get(rule),
          level,
          message: sarifMessage(`${message}; ${remedy}`),
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: file.split('/').map(encodeURIComponent).join('/') },
                region: { startLine: line },
              },
            },
          ],
          ...(isSuppressed && { suppressions: [{ kind: 'external', status: 'accepted' }] }),
        })),
      },
    ],
  };
}
