import { lookAtTrust, type Look, type LookContext } from './look-at-trust';
import type { ImageName } from '../../src/core/image/image';

/** What a gate needs. */
export interface AskContext extends LookContext {
  /** The ARN of what would run the image: a stack, a service, a pipeline. A break-glass grant names it. */
  readonly scope: string;
}

/** Decides whether an image may run: the question of every gate. */
export async function askTrust(image: ImageName, context: AskContext): Promise<Look> {
  return lookAtTrust(image, context);
}
