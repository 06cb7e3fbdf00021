import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { readId } from '../../src/core/gates/admitted';
import { idOfNone, type Asker } from '../../src/core/gates/answer';
import { readDeployment, type WaitingDeployment } from '../../src/core/gates/deployment';
import {
  choiceFromLookup,
  choiceFromMemory,
  isRollback,
  type GateRequest,
} from '../../src/core/gates/rollback';
import { imageName, imageOf, type Image, type ImageName } from '../../src/core/image/image';
import { requestFor, type ScanRequest } from '../../src/core/scanning/scan-request';
import { whyElsewhere, whyNotAsked } from '../../src/core/sharing/why-not-asked';
import { plainText } from '../../src/core/text/plain-text';
import { Seconds } from '../../src/core/times';
import { lookAtTrust, type LookContext } from '../trust/look-at-trust';

export interface RequestContext extends LookContext {
  /** `<account>.<region>` of a trust of another app. */
  readonly owner?: string;
  readonly requests: { send(request: ScanRequest): Promise<void> };
  /** The digest that a tag names now, or undefined if it names no image. */
  resolve(repository: Omit<Image, 'digest'>, tag: string): Promise<string | undefined>;
  /** Resolves after so many seconds. */
  pause(seconds: number): Promise<void>;
  /** The status of the requesting stack, or undefined if it cannot be read. */
  stackStatus(stackId: string): Promise<string | undefined>;
}

/** The part of the event that an answer needs. */
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
 * Finds the digest that a deployment names, and requests its scan if the image is not trusted now. Undefined
 * for a deletion, which waits for nothing. In a rollback, the image that ran before is kept (0016).
 */
export async function requestTrust(
  event: CloudFormationCustomResourceEvent,
  context: RequestContext,
): Promise<WaitingDeployment | undefined> {
  if (event.RequestType === 'Delete') return undefined;
  const properties = readDeployment(event.ResourceProperties);
  const memory = event.RequestType === 'Update' ? readId(event.PhysicalResourceId) : undefined;
  const asked: GateRequest = {
    properties,
    memory,
    stackStatus: memory && (await context.stackStatus(event.StackId)),
    previousEnforcement: event.RequestType === 'Update' ? event.OldResourceProperties.Enforcement : undefined,
  };
  // nothing ran before, so this is no rollback; elsewhere the tag may name another image
  if (memory === undefined) refuse(properties.Repository, whyElsewhere(properties, context.owner));
  const { image, rollback } =
    choiceFromMemory(asked) ?? choiceFromLookup(asked, await locate(asked, context));
  if (rollback === 'NO') {
    refuse(image, whyNotAsked(properties, context.owner));
    await request(image, context);
  }
  return {
    image,
    reference: (properties.Tag ?? properties.Digest)!,
    enforcement: properties.Enforcement,
    requestedAt: context.now.toISOString(),
    rollback,
    ...(properties.PinnedKeys !== undefined && { pinnedKeys: properties.PinnedKeys }),
  };
}

/** At once, and not after 55 minutes in which nobody judges the image. */
function refuse(what: string, why: string | undefined): void {
  if (why !== undefined) throw new Error(`${what} is refused: ${why}`);
}

async function request(image: ImageName, context: RequestContext): Promise<void> {
  const { decision } = await lookAtTrust(image, context, context.pause(Seconds.trustAnswers));
  const soon = context.now.getTime() + Seconds.trustEndsSoon * 1000;
  if (decision.trusted && Date.parse(decision.validUntil) > soon) return;
  const scan = requestFor(image, imageOf(image).digest, 'request', context.now);
  await context.requests.send(scan).catch((error: unknown) => {
    if (context.remedy === undefined) throw error;
    throw new Error(
      `${decision.trusted ? image : decision.says}; its scan could not be requested (${plainText(String(error), 300)})\nTo fix: ${context.remedy}`,
    );
  });
}

/** In a rollback, a tag that cannot be looked up is treated as one that names no image. */
async function locate(asked: GateRequest, context: RequestContext): Promise<ImageName | undefined> {
  const { Account: account, Region: region, Repository: repository, Tag, Digest } = asked.properties;
  try {
    const digest = Digest ?? (await context.resolve({ account, region, repository }, Tag!));
    return digest === undefined ? undefined : imageName({ account, region, repository, digest });
  } catch (error) {
    if (Digest === undefined && isRollback(asked)) return undefined;
    if (context.remedy === undefined) throw error;
    throw new Error(
      `the tag ${JSON.stringify(Tag)} of ${account}.${region}/${repository} could not be looked up (${plainText(String(error), 300)})\nTo fix: let the policy of the repository allow ecr:BatchGetImage to the account of this stack, or deploy by digest, TrustedImage.fromDigest()`,
    );
  }
}
