import { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { signedPost } from './signed-post';
import type { SecurityFinding } from '../../src/core/alerts/security-finding';
import { parseJson } from '../../src/core/text/json';
import { plainText } from '../../src/core/text/plain-text';
import { Seconds } from '../../src/core/times';

const Answer = z.object({
  FailedFindings: z
    .array(z.object({ ErrorCode: z.string().optional(), ErrorMessage: z.string().optional() }))
    .optional(),
});

/**
 * AWS Security Hub, of which one call is needed. It is signed with the credentials, and by the code, of a
 * client that the function has anyway.
 *
 * @see https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html
 */
export class SecurityHub {
  private readonly client = new SQSClient({});

  /** @param endpoint `https://securityhub.<region>.<suffix>` */
  constructor(private readonly endpoint: string) {}

  /** Creates the finding, or updates the one of the same id. Throws if Security Hub does not take it. */
  public async import(finding: SecurityFinding): Promise<void> {
    const url = new URL('/findings/import', this.endpoint);
    const { ok, status, text } = await signedPost(
      url,
      { Findings: [finding] },
      { client: this.client, service: 'securityhub', seconds: Seconds.securityHubAnswers },
    );
    if (!ok) throw new SecurityHubError(status, text);
    const { FailedFindings = [] } = Answer.parse(parseJson(text));
    const [failed] = FailedFindings;
    if (failed === undefined) return;
    throw new Error(
      `Security Hub did not take the finding: ${failed.ErrorCode} ${plainText(failed.ErrorMessage ?? '', 300)}`,
    );
  }
}

/** A call that failed. What is throttled comes back later. */
class SecurityHubError extends Error {
  constructor(status: number, text: string) {
    super(`Security Hub answered ${status}: ${plainText(text, 300)}`);
    this.name = status === 429 ? 'TooManyRequestsException' : 'SecurityHubError';
  }
}
