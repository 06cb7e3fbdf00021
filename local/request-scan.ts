import { awsClients } from './cloud/aws-clients';
import type { CloudDescription } from './cloud/description';
import { stackResources } from './cloud/stack-resources';
import { STACK } from './quickstart';
import type { ImageName } from '../src/core/image/image';

/** Asks the quickstart for the scan of an image, as a person does. */
export async function requestScan(cloud: CloudDescription, image: ImageName): Promise<void> {
  const aws = awsClients(cloud);
  const queue = (await stackResources(aws, STACK)).find(({ LogicalResourceId }) =>
    /^TrustScannerRequests[0-9A-F]{8}$/.test(LogicalResourceId!),
  );
  if (queue === undefined) throw new Error(`the stack ${STACK} has no queue for scan requests`);
  const request = { version: 1, image, reason: 'request', at: new Date().toISOString() };
  await aws.sqs.sendMessage({
    QueueUrl: queue.PhysicalResourceId!,
    MessageBody: JSON.stringify(request),
  });
}
