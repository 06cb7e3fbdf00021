import { decideImages, type GateContext } from './decide-images';
import { hookAnswer, type HookAnswer } from '../../src/core/gates/cloudformation-answer';
import {
  imagesOfResource,
  readHookRequest,
  tokenOf,
  type HookRequest,
} from '../../src/core/gates/cloudformation-hook';
import type { ImageToRun } from '../../src/core/gates/image-to-run';
import { isRollingBack } from '../../src/core/gates/rollback';
import { CLOUD_CONTROL_CHARACTERS } from '../../src/core/gates/service-gate';
import { failed, ok, type Result } from '../../src/core/result';
import { plainText } from '../../src/core/text/plain-text';

export interface HookContext extends GateContext {
  /** Where the gate runs. A resource of Cloud Control has no stack: grants for the account count. */
  readonly account: string;
  /** What lies at the URL of a large request, or why it is not read. */
  payload(url: string): Promise<Result<unknown, string>>;
  /** Undefined if it cannot be read. */
  stackStatus(stackId: string): Promise<string | undefined>;
}

/** Decides on a resource before CloudFormation or Cloud Control creates or updates it. */
export async function decideHook(event: unknown, context: HookContext): Promise<HookAnswer> {
  const request = readHookRequest(event);
  if (!request.ok) {
    const images = async () => failed(request.error);
    const question = { subject: 'a resource', scope: '', isLastLook: true, showsReason: true, images };
    return hookAnswer(await decideImages(question, context), tokenOf(event));
  }
  const { logicalId, stackId = '', isLastLook, token } = request.value;
  const decision = await decideImages(
    {
      subject: plainText(`${logicalId} of the stack ${stackId.split('/')[1] ?? '(none)'}`, 200),
      scope: stackId === '' ? context.account : stackId,
      isLastLook,
      showsReason: true,
      ...(stackId === '' && { shows: CLOUD_CONTROL_CHARACTERS }),
      images: () => imagesOf(request.value, context),
      ...(stackId !== '' && { isRollback: async () => isRollingBack(await context.stackStatus(stackId)) }),
    },
    context,
  );
  return hookAnswer(decision, token);
}

/** What is deleted runs no more. */
async function imagesOf(
  { type, model, isDeletion }: HookRequest,
  { payload }: HookContext,
): Promise<Result<readonly ImageToRun[], string>> {
  if (isDeletion) return ok([]);
  const found = 'url' in model ? await payload(model.url) : ok(model.here);
  return found.ok ? imagesOfResource(type, found.value) : found;
}
