import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { askTrust, type AskContext } from './ask-trust';
import { DeploymentProperties, type DeploymentData } from '../../src/core/gates/deployment';
import { imageName, parseImageName, type Image, type ImageName } from '../../src/core/image';
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

/**
 * A deployment names an image: which digest is it, and if it is not trusted now, its scan is asked for. The physical id is the image, so that a
 * rollback finds what ran before, whatever its tag names by now.
 */
export async function requestTrust(event: CloudFormationCustomResourceEvent, context: RequestContext): Promise<RequestAnswer> {
  if (event.RequestType === 'Delete') return { PhysicalResourceId: event.PhysicalResourceId };
  const properties = DeploymentProperties.parse(event.ResourceProperties);
  if (event.RequestType === 'Update' && parseImageName(event.PhysicalResourceId).ok) {
    const status = await context.stackStatus(event.StackId);
    if (status?.endsWith('ROLLBACK_IN_PROGRESS') === true) return answer(event.PhysicalResourceId, true, context);
    // better to ask nothing of an image that runs anyway than to leave the stack stuck half-way back
    const isKnown = status !== undefined || await locate(properties, context) !== event.PhysicalResourceId;
    if (!isKnown) return answer(event.PhysicalResourceId, true, context);
  }
  const image = await locate(properties, context);
  const { decision } = await askTrust(image, context);
  if (!decision.trusted) await context.requests.send(requestFor(image, digestOf(image), 'request', context.now));
  return answer(image, false, context);
}

function answer(image: ImageName, isRollback: boolean, { now }: RequestContext): RequestAnswer {
  return { PhysicalResourceId: image, Data: { Digest: digestOf(image), RequestedAt: now.toISOString(), Rollback: isRollback ? 'true' : 'false' } };
}

async function locate(properties: DeploymentProperties, context: RequestContext): Promise<ImageName> {
  const { Account: account, Region: region, Repository: repository, Tag, Digest } = properties;
  const digest = Digest ?? await context.resolve({ account, region, repository }, Tag!);
  if (digest === undefined) {
    throw new Error(`the repository ${plainText(repository, 256)} has no image with the tag ${JSON.stringify(Tag)}: push it first, then deploy`);
  }
  return imageName({ account, region, repository, digest });
}

function digestOf(image: ImageName): string {
  return image.slice(image.indexOf('@') + 1);
}
