import type { Context } from 'aws-lambda';
import { gateContext } from './gate-context';
import { ServiceRevisions } from '../../adapters/aws/service-revisions';
import { stackStatus } from '../../adapters/aws/stack-status';
import type { EcsAnswer } from '../../src/core/gates/ecs-answer';
import { decideEcsDeployment } from '../../use-cases/gates/ecs-deployment';

const ecs = new ServiceRevisions();

/** Amazon ECS takes an exception for a failure too, but tries again first. */
export async function handler(event: unknown, context: Context): Promise<EcsAnswer> {
  return decideEcsDeployment(event, { ...gateContext(context), ecs, stackStatus });
}
