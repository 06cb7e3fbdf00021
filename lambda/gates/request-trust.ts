import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { askTrust, type AskContext } from './ask-trust';
import { readDeployment, type DeploymentData, type DeploymentProperties } from '../../src/core/gates/deployment';
import { imageName, ImageName, imageOf, type Image } from '../../src/core/image';
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
 * admitted last, so that a rollback finds it whatever its tag names by now: a new image takes its place when it is admitted, and not before.
 */
export async function requestTrust(event: CloudFormationCustomResourceEvent, context: RequestContext): Promise<RequestAnswer> {
  if (event.RequestType === 'Delete') return { PhysicalResourceId: event.PhysicalResourceId };
  const properties = readDeployment(event.ResourceProperties);
  const before = event.RequestType === 'Update' ? ImageName.safeParse(event.PhysicalResourceId).data : undefined;
  if (event.RequestType === 'Create' || before === undefined) {
    const image = await locate(properties, context);
    await request(image, context);
    return answer(image, image, 'NO', context);
  }
  const status = await context.stackStatus(event.StackId);
  if (status?.endsWith('ROLLBACK_IN_PROGRESS') === true) {
    const image = properties.Digest === undefined ? before : await locate(properties, context);
    return answer(image, before, 'YES', context);
  }
  const image = await locate(properties, context);
  // Nobody says whether it is a rollback. What was admitted here under the same enforcement runs anyway: refusing it could only leave the stack half-way back
  const isSame = image === before && properties.Enforcement === event.OldResourceProperties.Enforcement;
  if (status === undefined && isSame) return answer(image, before, 'UNKNOWN', context);
  await request(image, context);
  return answer(image, before, 'NO', context);
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
