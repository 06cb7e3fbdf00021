import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { registryOf } from '../../adapters/aws/asked-registry';
import { scanRequests } from '../../adapters/aws/asked-requests';
import { askedTrust, owner, pinnedKeys, remedyFor } from '../../adapters/aws/asked-trust';
import type { CloudFormationAnswers } from '../../adapters/aws/cloudformation-answers';
import { env } from '../../adapters/aws/environment';
import { isThrottling } from '../../adapters/aws/passing-error';
import { publishedTrust } from '../../adapters/aws/published-trust';
import { SqsQueue } from '../../adapters/aws/sqs-queue';
import { stackResource } from '../../adapters/aws/stack-resource';
import { stackStatus } from '../../adapters/aws/stack-status';
import { logger } from '../../adapters/aws/telemetry';
import { pause } from '../../adapters/pause';
import { EnvironmentName } from '../../src/core/environment';
import type { Asker } from '../../src/core/gates/answer';
import type { DeploymentMessage } from '../../src/core/gates/deployment';
import type { Repository } from '../../src/core/image/image';
import { Limit } from '../../src/core/limits';
import { IMPORTER_RESOURCE, noteOf } from '../../src/core/sharing/importers';
import { requestTrust } from '../../use-cases/gates/request-trust';
import { askerOf, whoAsks } from '../../use-cases/gates/who-asks';

type Event = CloudFormationCustomResourceEvent;
type Wish = Exclude<Event, { readonly RequestType: 'Delete' }>;

const deployments = new SqsQueue<DeploymentMessage>(env(EnvironmentName.deployments));
const requests = scanRequests();
const ports = {
  ...askedTrust,
  stackResource,
  stackStatus: (stackId: string) => stackStatus(stackId),
  pause,
  requests,
  resolve: async (repository: Repository, imageTag: string) => {
    const found = await registryOf(repository).find({ imageTag }, Limit.manifestBytes);
    return found?.digest;
  },
};

/** An error is answered at once, but for a throttled call: AWS Lambda tries that again. */
export async function askTrust(event: Event, answers: CloudFormationAnswers): Promise<void> {
  if (event.RequestType === 'Delete') return tell(event);
  const asker = await whoAsks(event, ports).catch((error: unknown) => failed(error, event));
  if (asker instanceof Error) return answers.send(askerOf(event), { reason: asker.message });
  await tell(event);
  if (event.ResourceType === IMPORTER_RESOURCE) {
    return answers.send(asker, { PhysicalResourceId: asker.PhysicalResourceId });
  }
  const why = await ask(event, asker).catch((error: unknown) => failed(error, event));
  if (why !== undefined) return answers.send(asker, { reason: why.message });
}

async function ask(event: Wish, asker: Asker): Promise<undefined> {
  const published = await publishedTrust();
  const waiting = await requestTrust(event, asker, {
    ...ports,
    home: owner ?? homeOf(asker),
    published,
    keys: { all: async () => pinnedKeys(published.pinnedKeys).all() },
    remedy: remedyFor(asker.StackId),
    now: new Date(),
  });
  await deployments.send({ ...waiting, asker });
  logger.info('asked', { request: event.RequestType, admittedBefore: asker.PhysicalResourceId, ...waiting });
}

function failed(error: unknown, { RequestType: request, StackId: stackId }: Event): Error {
  if (isThrottling(error)) throw error;
  logger.error('not asked', { request, stackId, error: error as Error });
  return error instanceof Error ? error : new Error(String(error));
}

/** A trust of this app is in the account and region of the stack. */
function homeOf({ StackId }: Asker): string {
  const [, , , region, account] = StackId.split(':');
  return `${account}.${region}`;
}

/** The trust of another app learns which stack asks it. No deployment fails because it does not. */
async function tell(event: Event): Promise<void> {
  const note = owner === undefined ? undefined : noteOf(event, env(EnvironmentName.gateStack));
  if (note === undefined) return;
  await requests.send(note).catch((error: unknown) => {
    logger.warn('the trust was not told who imports it', { error: error as Error });
  });
}
