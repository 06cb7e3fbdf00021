import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { readId, remembered, wasTrusted, type Admitted, type Memory } from '../../src/core/gates/admitted';
import { idOfNone, type Asker } from '../../src/core/gates/answer';
import {
  readDeployment,
  type DeploymentProperties,
  type WaitingDeployment,
} from '../../src/core/gates/deployment';
import { imageName, imageOf, type Image, type ImageName } from '../../src/core/image/image';
import { requestFor, type ScanRequest } from '../../src/core/scanning/scan-request';
import { plainText } from '../../src/core/text/plain-text';
import { Seconds } from '../../src/core/times';
import { askTrust, type AskContext } from '../trust/ask-trust';

export interface RequestContext extends AskContext {
  readonly requests: { send(request: ScanRequest): Promise<void> };
  /** Which digest a tag names now, or undefined if it names none. */
  resolve(repository: Omit<Image, 'digest'>, tag: string): Promise<string | undefined>;
  /** The status of the stack that asks, or undefined if it cannot be read. */
  stackStatus(stackId: string): Promise<string | undefined>;
}

/** Of the event only what an answer needs. */
export function askerOf(event: CloudFormationCustomResourceEvent): Asker {
  const { ResponseURL, StackId, RequestId, LogicalResourceId } = event;
  return {
    ResponseURL,
    StackId,
    RequestId,
    LogicalResourceId,
    PhysicalResourceId: event.RequestType === 'Create' ? idOfNone(RequestId) : event.PhysicalResourceId,
  };
}

/**
 * A deployment names an image: which digest is it, and if it is not trusted now, its scan is asked for.
 * Undefined if nothing is to be waited for: it is deleted. The physical id remembers the image that was let
 * in last, and the one before, so that a rollback finds either whatever its tag names by now.
 */
export async function requestTrust(
  event: CloudFormationCustomResourceEvent,
  context: RequestContext,
): Promise<WaitingDeployment | undefined> {
  if (event.RequestType === 'Delete') return undefined;
  const properties = readDeployment(event.ResourceProperties);
  const { Tag, Digest, Enforcement: enforcement } = properties;
  const waiting = (image: ImageName, rollback: WaitingDeployment['rollback']): WaitingDeployment => {
    return {
      image,
      reference: (Tag ?? Digest)!,
      enforcement,
      requestedAt: context.now.toISOString(),
      rollback,
    };
  };
  const before = event.RequestType === 'Update' ? readId(event.PhysicalResourceId) : undefined;
  const status = before === undefined ? 'NOTHING_BEFORE' : await context.stackStatus(event.StackId);
  if (before !== undefined && status?.endsWith('ROLLBACK_IN_PROGRESS') === true) {
    return waiting(await whatRan(properties, before, context), 'YES');
  }
  const image = await locate(properties, context);
  // Nobody says whether it is a rollback. What was let in here under the same enforcement runs anyway:
  // refusing it could only leave the stack half-way back
  if (
    status === undefined &&
    isUnchanged(event, properties) &&
    before?.last.image === image &&
    mayRunOn(before.last, properties)
  ) {
    return waiting(image, 'UNKNOWN');
  }
  await request(image, context);
  return waiting(image, 'NO');
}

function isUnchanged(
  event: CloudFormationCustomResourceEvent,
  { Enforcement }: DeploymentProperties,
): boolean {
  return event.RequestType === 'Update' && event.OldResourceProperties.Enforcement === Enforcement;
}

/**
 * A gate that refuses puts nothing back that no gate ever found trusted, as long as there is anything else:
 * an audit before it may have let that in (0016).
 */
function mayRunOn({ anyway }: Admitted, { Enforcement }: DeploymentProperties): boolean {
  return Enforcement === 'AUDIT' || anyway === undefined;
}

/**
 * What ran before the update that failed, by the properties of then; the id of then and the id of now both
 * remember it. Nothing is asked for and nothing refused. But it lies in the repository of these properties:
 * the template makes a URI of that repository and this digest.
 */
async function whatRan(
  properties: DeploymentProperties,
  memory: Memory,
  context: RequestContext,
): Promise<ImageName> {
  if (properties.Digest !== undefined) return locate(properties, context);
  const { named, others } = remembered(memory, properties);
  const known = named.find(each => mayRunOn(each, properties));
  if (known !== undefined) return known.image;
  const tagged = await locate(properties, context).then(
    image => [admittedBefore(image, memory)],
    () => [],
  );
  const all = [...named, ...tagged, ...others];
  // a stack that cannot go back is worse: people are told
  const ran = [...tagged, ...others].find(each => mayRunOn(each, properties)) ?? all[0];
  if (ran !== undefined) return ran.image;
  const { Repository, Tag } = properties;
  throw new Error(
    `nothing that was admitted here lies in the repository ${plainText(Repository, 256)}, and its tag ${JSON.stringify(Tag)} names nothing: push it again, then continue the rollback`,
  );
}

function admittedBefore(image: ImageName, memory: Memory): Admitted {
  const isRemembered = [memory.last, memory.before].some(each => each?.image === image);
  return { image, ...(isRemembered && !wasTrusted(memory, image) && { anyway: true }) };
}

async function request(image: ImageName, context: RequestContext): Promise<void> {
  const { decision } = await askTrust(image, context);
  const soon = context.now.getTime() + Seconds.trustEndsSoon * 1000;
  if (decision.trusted && Date.parse(decision.validUntil) > soon) return;
  await context.requests.send(requestFor(image, imageOf(image).digest, 'request', context.now));
}

async function locate(properties: DeploymentProperties, context: RequestContext): Promise<ImageName> {
  const { Account: account, Region: region, Repository: repository, Tag, Digest } = properties;
  const digest = Digest ?? (await context.resolve({ account, region, repository }, Tag!));
  if (digest === undefined) {
    throw new Error(
      `the repository ${plainText(repository, 256)} has no image with the tag ${JSON.stringify(Tag)}: push it first, then deploy`,
    );
  }
  return imageName({ account, region, repository, digest });
}
