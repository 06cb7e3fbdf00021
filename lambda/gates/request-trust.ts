import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { askTrust, type AskContext } from './ask-trust';
import { admittedAs, lastIn, readId, remembered, writeId, type Memory } from '../../src/core/gates/admitted';
import { readDeployment, type DeploymentData, type DeploymentProperties } from '../../src/core/gates/deployment';
import { imageName, imageOf, type Image, type ImageName } from '../../src/core/image';
import { plainText } from '../../src/core/plain-text';
import { requestFor, type ScanRequest } from '../../src/core/scanning/scan-request';

export interface RequestContext extends AskContext {
  readonly requests: { send(request: ScanRequest): Promise<void> };
  /** Which digest a tag names now, or undefined if it names none. */
  resolve(repository: Omit<Image, 'digest'>, tag: string): Promise<string | undefined>;
  /** The status of the stack that asks, or undefined if it cannot be read. */
  stackStatus(stackId: string): Promise<string | undefined>;
}

export interface RequestAnswer { readonly PhysicalResourceId: string; readonly Data?: DeploymentData }

/** What is trusted for less than this may not be any more when somebody looks: its scan is asked for all the same. */
const SOON_SECONDS = 600;

/**
 * A deployment names an image: which digest is it, and if it is not trusted now, its scan is asked for. The physical id is the image that was
 * admitted last, and the one before, so that a rollback finds either whatever its tag names by now: a new image takes its place when it is
 * admitted, and not before.
 */
export async function requestTrust(event: CloudFormationCustomResourceEvent, context: RequestContext): Promise<RequestAnswer> {
  if (event.RequestType === 'Delete') return { PhysicalResourceId: event.PhysicalResourceId };
  const properties = readDeployment(event.ResourceProperties);
  const memory = event.RequestType === 'Update' ? readId(event.PhysicalResourceId) : undefined;
  if (event.RequestType === 'Create' || memory === undefined) {
    const image = await locate(properties, context);
    await request(image, context);
    return answer(image, writeId({ last: admittedAs(image, properties) }), 'NO', context);
  }
  const id = event.PhysicalResourceId;
  const status = await context.stackStatus(event.StackId);
  if (status?.endsWith('ROLLBACK_IN_PROGRESS') === true) return answer(await whatRan(properties, memory, context), id, 'YES', context);
  const image = await locate(properties, context);
  // Nobody says whether it is a rollback. What was admitted here under the same enforcement runs anyway: refusing it could only leave the stack half-way back
  const isSame = image === memory.last.image && properties.Enforcement === event.OldResourceProperties.Enforcement;
  if (status === undefined && isSame) return answer(image, id, 'UNKNOWN', context);
  await request(image, context);
  return answer(image, id, 'NO', context);
}

/**
 * What ran before the update that failed, by the properties of then; the id of then and the id of now both remember it. Nothing is asked for and
 * nothing refused. But it lies in the repository of these properties: the template makes a URI of that repository and this digest.
 */
async function whatRan(properties: DeploymentProperties, memory: Memory, context: RequestContext): Promise<ImageName> {
  if (properties.Digest !== undefined) return locate(properties, context);
  const ran = remembered(memory, properties) ?? await locate(properties, context).catch(() => undefined) ?? lastIn(memory, properties);
  if (ran !== undefined) return ran;
  const { Repository, Tag } = properties;
  throw new Error(`nothing that was admitted here lies in the repository ${plainText(Repository, 256)}, and its tag ${JSON.stringify(Tag)} names nothing: push it again, then continue the rollback`);
}

async function request(image: ImageName, context: RequestContext): Promise<void> {
  const { decision } = await askTrust(image, context);
  const soon = context.now.getTime() + SOON_SECONDS * 1000;
  if (decision.trusted && Date.parse(decision.validUntil) > soon) return;
  await context.requests.send(requestFor(image, imageOf(image).digest, 'request', context.now));
}

function answer(image: ImageName, physicalId: string, rollback: DeploymentData['Rollback'], { now }: RequestContext): RequestAnswer {
  const { digest } = imageOf(image);
  return { PhysicalResourceId: physicalId, Data: { Digest: digest, Image: image, RequestedAt: now.toISOString(), Rollback: rollback } };
}

async function locate(properties: DeploymentProperties, context: RequestContext): Promise<ImageName> {
  const { Account: account, Region: region, Repository: repository, Tag, Digest } = properties;
  const digest = Digest ?? await context.resolve({ account, region, repository }, Tag!);
  if (digest === undefined) {
    throw new Error(`the repository ${plainText(repository, 256)} has no image with the tag ${JSON.stringify(Tag)}: push it first, then deploy`);
  }
  return imageName({ account, region, repository, digest });
}
