import { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
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
    const body = JSON.stringify({ Findings: [finding] });
    const signer = await this.client.config.signer();
    const { headers } = await signer.sign(
      {
        method: 'POST',
        protocol: url.protocol,
        hostname: url.hostname,
        ...(url.port !== '' && { port: Number(url.port) }),
        path: url.pathname,
        query: {},
        headers: { host: url.host, 'content-type': 'application/json' },
        body,
      },
      { signingService: 'securityhub' },
    );
    const signal = AbortSignal.timeout(Seconds.securityHubAnswers * 1000);
    const response = await fetch(url, { method: 'POST', headers, body, signal });
    const text = await response.text();
    if (!response.ok) throw new SecurityHubError(response.status, text);
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
