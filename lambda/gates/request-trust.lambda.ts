import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { CloudFormationAnswers } from '../../adapters/aws/cloudformation-answers';
import { IMPORTER_RESOURCE } from '../../src/core/sharing/importers';
import { askerOf } from '../../use-cases/gates/who-asks';

const answers = new CloudFormationAnswers();

/**
 * A deletion is answered before anything else is loaded: no stack is held up by what a gate cannot reach. An
 * answer that cannot be sent is an exception, and AWS Lambda retries twice.
 */
export async function handler(event: CloudFormationCustomResourceEvent): Promise<void> {
  const asker = askerOf(event);
  if (event.RequestType === 'Delete') {
    await answers.send(asker, { PhysicalResourceId: asker.PhysicalResourceId });
    if (event.ResourceType !== IMPORTER_RESOURCE) return;
  }
  const { askTrust } = await import('./ask-trust.js');
  await askTrust(event, answers);
}
