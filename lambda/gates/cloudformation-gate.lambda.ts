import type { Context } from 'aws-lambda';
import { gateContext } from './gate-context';
import { homeOf } from '../../adapters/aws/home';
import { hookPayload } from '../../adapters/aws/hook-payload';
import { stackStatus } from '../../adapters/aws/stack-status';
import type { HookAnswer } from '../../src/core/gates/cloudformation-answer';
import { decideHook } from '../../use-cases/gates/cloudformation-hook';

/** CloudFormation waits 30 seconds for an answer. */
export async function handler(event: unknown, context: Context): Promise<HookAnswer> {
  const { account } = homeOf(context);
  return decideHook(event, { ...gateContext(context), account, payload: hookPayload, stackStatus });
}
