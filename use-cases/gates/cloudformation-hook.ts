import { decideForService, type ServiceGateContext } from './decide-for-service';
import { hookAnswer, type HookAnswer } from '../../src/core/gates/cloudformation-answer';
import {
  imagesOfResource,
  readHookRequest,
  tokenOf,
  type HookRequest,
} from '../../src/core/gates/cloudformation-hook';
import { CLOUD_CONTROL_CHARACTERS, gateAnswer, SHOWN_CHARACTERS } from '../../src/core/gates/gate-answer';
import type { ImageToRun } from '../../src/core/gates/image-to-run';
import { isRollingBack } from '../../src/core/gates/rollback';
import { failed, ok, type Result } from '../../src/core/result';
import { plainText } from '../../src/core/text/plain-text';

export interface HookContext extends ServiceGateContext {
  /** Where the gate runs. A resource of Cloud Control has no stack: grants for the account count. */
  readonly account: string;
  /** What lies at the URL of a large request, or why it is not read. */
  payload(url: string): Promise<Result<unknown, string>>;
  /** Undefined if it cannot be read. */
  stackStatus(stackId: string): Promise<string | undefined>;
}

/** Decides on a resource before CloudFormation or Cloud Control creates or updates it. */
export async function decideHook(event: unknown, context: HookContext): Promise<HookAnswer> {
  const { evidenceBucket, account, stackStatus } = context;
  const request = readHookRequest(event);
  if (!request.ok) {
    const images = async () => failed(request.error);
    const question = { subject: 'a resource', scope: '', isLastLook: true, showsReason: true, images };
    return hookAnswer(gateAnswer(await decideForService(question, context), evidenceBucket), tokenOf(event));
  }
  const { logicalId, stackId, isLastLook, token } = request.value;
  const decided = await decideForService(
    {
      subject: plainText(`${logicalId} of the stack ${stackId?.split('/')[1] ?? '(none)'}`, 200),
      scope: stackId ?? account,
      isLastLook,
      showsReason: true,
      images: () => imagesOf(request.value, context),
      ...(stackId !== undefined && { isRollback: async () => isRollingBack(await stackStatus(stackId)) }),
    },
    context,
  );
  const characters = stackId === undefined ? CLOUD_CONTROL_CHARACTERS : SHOWN_CHARACTERS;
  return hookAnswer(gateAnswer(decided, evidenceBucket, characters), token);
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
