import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { env } from '../../adapters/aws/environment';
import { homeOf } from '../../adapters/aws/home';
import { consume } from '../../adapters/aws/queue-consumer';
import { SecurityHub } from '../../adapters/aws/security-hub';
import { securityFinding } from '../../src/core/alerts/security-finding';
import { EnvironmentName } from '../../src/core/environment';

const queue = { url: env(EnvironmentName.queue), deadLetterUrl: env(EnvironmentName.deadLetterQueue) };
const securityHub = new SecurityHub();

/** One finding for each event: the same event twice is one finding, because its id is the same. */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const [, partition = ''] = context.invokedFunctionArn.split(':');
  const place = { ...homeOf(context), partition };
  return consume(event, queue, async body => {
    const finding = securityFinding(body, place);
    if (finding === undefined) return { done: 'ignored: nothing to report' };
    await securityHub.import(finding);
    return { done: `${finding.RecordState} ${finding.Id}: ${finding.Title}` };
  });
}
