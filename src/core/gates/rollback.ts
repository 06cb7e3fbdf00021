import { remembered, wasTrusted, type Admitted, type Memory } from './admitted';
import type { DeploymentProperties, WaitingDeployment } from './deployment';
import type { ImageName } from '../image/image';
import { plainText } from '../text/plain-text';

/** What a gate knows of a deployment before it looks up the tag. */
export interface GateRequest {
  readonly properties: DeploymentProperties;
  /** What the physical id remembers. Undefined for a new resource, or where no image was ever admitted. */
  readonly memory?: Memory;
  /**
   * The resource takes over from a former one of its stack, whose memory it has: what ran there may go on,
   * because nobody chose to deploy it.
   */
  readonly isMoved?: boolean;
  /** Undefined if it could not be read. It counts only where there is a memory. */
  readonly stackStatus?: string;
  /** The enforcement that the template named before this update. */
  readonly previousEnforcement?: unknown;
}

/** `NO`: its scan is requested if it is not trusted. Otherwise it ran before, and nothing is requested. */
export type GateChoice = Pick<WaitingDeployment, 'image' | 'rollback'>;

export function isRollback({ memory, stackStatus }: GateRequest): boolean {
  return memory !== undefined && isRollingBack(stackStatus) === true;
}

/** Undefined if the status could not be read: then nobody knows. */
export function isRollingBack(stackStatus: string | undefined): boolean | undefined {
  return stackStatus?.endsWith('ROLLBACK_IN_PROGRESS');
}

/**
 * The choice that needs no lookup: a tag whose image the physical id remembers, in a rollback or of a former
 * resource.
 */
export function choiceFromMemory(request: GateRequest): GateChoice | undefined {
  const { memory, properties, isMoved } = request;
  if (memory === undefined || properties.Digest !== undefined) return undefined;
  const { named } = remembered(memory, properties);
  const known = named.find(each => mayStay(each, properties));
  if (known === undefined) return undefined;
  if (isRollback(request)) return { image: known.image, rollback: 'YES' };
  return isMoved === true && known === memory.last ? { image: known.image, rollback: 'MOVED' } : undefined;
}

/**
 * The choice once it is known which image the properties name now: `located`, or undefined if none. Throws if
 * there is no image that could be deployed.
 */
export function choiceFromLookup(request: GateRequest, located: ImageName | undefined): GateChoice {
  const { memory, properties, stackStatus } = request;
  if (memory !== undefined && isRollback(request)) {
    const image = imageBefore(properties, memory, located);
    // both ids that CloudFormation may send name the image that ran: any other is judged as in an update
    return { image, rollback: isNamed(image, memory) ? 'YES' : 'NO' };
  }
  if (request.isMoved === true && memory?.last.image === located && mayStay(memory!.last, properties)) {
    return { image: memory!.last.image, rollback: 'MOVED' };
  }
  const { Repository, Tag } = properties;
  if (located === undefined) {
    throw new Error(
      `the repository ${plainText(Repository, 256)} has no image with the tag ${JSON.stringify(Tag)}: push it first, then deploy`,
    );
  }
  // The status is unknown, so this may be a rollback. The image that was admitted here under the same
  // enforcement runs anyway: to refuse it could only stop the stack half-way through a rollback
  const mayBeRollback =
    memory?.last.image === located &&
    stackStatus === undefined &&
    request.previousEnforcement === properties.Enforcement &&
    mayStay(memory.last, properties);
  return { image: located, rollback: mayBeRollback ? 'UNKNOWN' : 'NO' };
}

/**
 * A gate that refuses does not put back an image that no gate ever found trusted, as long as there is another
 * one: an earlier audit may have admitted it (0016).
 */
function mayStay({ anyway }: Admitted, { Enforcement }: DeploymentProperties): boolean {
  return Enforcement === 'AUDIT' || anyway === undefined;
}

/**
 * The image that ran before the failed update. The properties are the earlier ones, and both physical ids
 * remember that image. It has to be in the repository of these properties: the template builds a URI of that
 * repository and this digest.
 */
function imageBefore(
  properties: DeploymentProperties,
  memory: Memory,
  located: ImageName | undefined,
): ImageName {
  if (properties.Digest !== undefined && located !== undefined) return located;
  const { named, others } = remembered(memory, properties);
  const tagged = located === undefined ? [] : [asAdmitted(located, memory)];
  const all = [...named, ...tagged, ...others];
  // a stack that cannot roll back is worse than an untrusted image: it is deployed, and the team is notified
  const before = all.find(each => mayStay(each, properties)) ?? all[0];
  if (before !== undefined) return before.image;
  const { Repository, Tag } = properties;
  throw new Error(
    `no image that was admitted here is in the repository ${plainText(Repository, 256)}, and its tag ${JSON.stringify(Tag)} names no image: push it again, then continue the rollback`,
  );
}

function asAdmitted(image: ImageName, memory: Memory): Admitted {
  return { image, ...(isNamed(image, memory) && !wasTrusted(memory, image) && { anyway: true }) };
}

function isNamed(image: ImageName, { last, before }: Memory): boolean {
  return [last, before].some(each => each?.image === image);
}
