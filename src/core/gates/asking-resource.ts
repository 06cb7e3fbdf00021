import type { Asker } from './answer';
import { IMPORTER_RESOURCE } from '../sharing/importers';
import { quoted } from '../text/plain-text';

/** The type of the resource that deploys an image. */
export const TRUSTED_IMAGE_RESOURCE = 'Custom::TrustedImage';

/** What CloudFormation says of a resource. */
export interface StackResource {
  readonly type: string;
  readonly status: string;
  /** Undefined before the resource has one. */
  readonly physicalId?: string;
}

/**
 * The key of the object in CloudFormation's bucket that takes the answer. CloudFormation signs the URL with
 * its key, so whoever writes an event cannot let the answer go to another resource.
 */
const KEY =
  /(?<StackId>arn:[a-z-]{1,20}:cloudformation:[a-z0-9-]{1,30}:\d{12}:stack\/[A-Za-z][A-Za-z0-9-]{0,127}\/[A-Za-z0-9-]{1,64})\|(?<LogicalResourceId>[A-Za-z0-9]{1,255})\|(?<RequestId>[^|/]{1,128})$/;

/**
 * Why no answer is sent for an event: its URL is for another resource than it says. Undefined if it is for
 * this one. Whoever may invoke the function of a gate writes the whole event (0049).
 */
export function whyOtherResource(
  asker: Pick<Asker, 'ResponseURL' | 'StackId' | 'LogicalResourceId' | 'RequestId'>,
): string | undefined {
  const key = keyIn(asker.ResponseURL);
  if (key === undefined) return 'the URL for the answer names no resource of a stack';
  const other = (['StackId', 'LogicalResourceId', 'RequestId'] as const).find(
    name => key[name] !== asker[name],
  );
  return other === undefined
    ? undefined
    : `the URL for the answer is for another resource: its ${other} is ${quoted(key[other]!, 200)}, and the event says ${quoted(asker[other], 200)}`;
}

function keyIn(responseUrl: string): Readonly<Record<string, string>> | undefined {
  try {
    return KEY.exec(decodeURIComponent(new URL(responseUrl).pathname))?.groups;
  } catch {
    return undefined; // no URL, or no encoded one
  }
}

const OURS = [TRUSTED_IMAGE_RESOURCE, IMPORTER_RESOURCE];

/** Why a resource does not ask a gate now, as CloudFormation says; undefined if it does. */
export function whyNotAsking(
  resource: StackResource | undefined,
  { StackId, LogicalResourceId }: Pick<Asker, 'StackId' | 'LogicalResourceId'>,
): string | undefined {
  const what = `the resource ${quoted(LogicalResourceId, 255)} of the stack ${quoted(StackId, 300)}`;
  if (resource === undefined) return `CloudFormation knows no ${what.slice('the '.length)}`;
  const { type, status } = resource;
  if (!OURS.includes(type)) {
    return `${what} is a ${quoted(type, 200)}, allowed: ${OURS.join(' or ')}`;
  }
  if (status === 'CREATE_IN_PROGRESS' || status === 'UPDATE_IN_PROGRESS') return undefined;
  return `${what} is ${quoted(status, 60)}, allowed: CREATE_IN_PROGRESS or UPDATE_IN_PROGRESS, so it waits for no answer`;
}

/**
 * The physical id of the resource that asked about an image before this one did, in the same stack: a
 * `TrustedImage` of an earlier version asked a gate of its stack. Undefined where there is none.
 */
export function formerId(former: StackResource | undefined): string | undefined {
  return former?.type === TRUSTED_IMAGE_RESOURCE ? former.physicalId : undefined;
}
