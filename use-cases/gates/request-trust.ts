import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { readId } from '../../src/core/gates/admitted';
import type { Asker } from '../../src/core/gates/answer';
import { readDeployment, type WaitingDeployment } from '../../src/core/gates/deployment';
import {
  choiceFromLookup,
  choiceFromMemory,
  isRollback,
  type GateRequest,
} from '../../src/core/gates/rollback';
import { imageName, imageOf, type Image, type ImageName } from '../../src/core/image/image';
import { requestFor, type ScanRequest } from '../../src/core/scanning/scan-request';
import { whyNotAsked, type PublishedTrust } from '../../src/core/sharing/why-not-asked';
import { plainText } from '../../src/core/text/plain-text';
import { Seconds } from '../../src/core/times';
import { lookAtTrust, type LookContext } from '../trust/look-at-trust';

export interface RequestContext extends LookContext {
  /** `<account>.<region>` of the trust. */
  readonly home: string;
  /** What the trust enrols, and in which version it says so, as far as its gate knows. */
  readonly published: PublishedTrust;
  readonly requests: { send(request: ScanRequest): Promise<void> };
  /** The digest that a tag names now, or undefined if it names no image. */
  resolve(repository: Omit<Image, 'digest'>, tag: string): Promise<string | undefined>;
  /** Resolves after so many seconds. */
  pause(seconds: number): Promise<void>;
  /** The status of the requesting stack, or undefined if it cannot be read. */
  stackStatus(stackId: string): Promise<string | undefined>;
}

/**
 * Finds the digest that a deployment names, and requests its scan if the image is not trusted now. In a
 * rollback, the image that ran before is kept (0016), and so it is where a resource takes over from a former
 * one. Who asks about an image that the trust does not judge learns nothing of it, not even its digest.
 *
 * @param asker with the physical id that CloudFormation names
 */
export async function requestTrust(
  event: Exclude<CloudFormationCustomResourceEvent, { readonly RequestType: 'Delete' }>,
  asker: Asker,
  context: RequestContext,
): Promise<WaitingDeployment> {
  const properties = readDeployment(event.ResourceProperties);
  const memory = readId(asker.PhysicalResourceId);
  const asked: GateRequest = {
    properties,
    memory,
    isMoved: event.RequestType === 'Create' && memory !== undefined,
    stackStatus: memory && (await context.stackStatus(asker.StackId)),
    previousEnforcement: event.RequestType === 'Update' ? event.OldResourceProperties.Enforcement : undefined,
  };
  const known = choiceFromMemory(asked);
  const isBack = isRollback(asked) || asked.isMoved === true;
  const refuseIfNotJudged = (what: string) =>
    refuse(what, whyNotAsked(properties, context.published, context.home));
  if (known === undefined && !isBack) refuseIfNotJudged(properties.Repository);
  const { image, rollback } = known ?? choiceFromLookup(asked, await locate(asked, context));
  if (rollback === 'NO') {
    refuseIfNotJudged(image);
    await request(image, context);
  }
  return {
    image,
    reference: (properties.Tag ?? properties.Digest)!,
    enforcement: properties.Enforcement,
    requestedAt: context.now.toISOString(),
    rollback,
    ...(context.published.pinnedKeys !== undefined && { pinnedKeys: context.published.pinnedKeys }),
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
