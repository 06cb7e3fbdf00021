import { BatchImportFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import type { SecurityFinding } from '../../src/core/alerts/security-finding';
import { plainText } from '../../src/core/text/plain-text';

/** AWS Security Hub, of which one call is needed. */
export class SecurityHub {
  private readonly client = new SecurityHubClient({});

  /**
   * Creates the finding, or updates the one of the same id. An update that is not newer than the finding is
   * ignored by Security Hub, and no error. Throws if Security Hub does not take the finding.
   *
   * @see https://docs.aws.amazon.com/securityhub/latest/userguide/finding-update-batchimportfindings.html
   */
  public async import({ Types, Resources, ...finding }: SecurityFinding): Promise<void> {
    const { FailedFindings: [failed] = [], SuccessCount } = await this.client.send(
      new BatchImportFindingsCommand({
        Findings: [{ ...finding, Types: [...Types], Resources: [...Resources] }],
      }),
    );
    if (failed === undefined && SuccessCount === 1) return;
    const why = `${failed?.ErrorCode ?? 'no reason given'} ${plainText(failed?.ErrorMessage ?? '', 300)}`;
    throw new Error(`Security Hub did not take the finding: ${why.trimEnd()}`);
  }
}
