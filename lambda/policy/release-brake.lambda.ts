import type { APIGatewayProxyResultV2, LambdaFunctionURLEvent } from 'aws-lambda';
import { ulid } from 'ulid';
import { env } from '../../adapters/aws/environment';
import { EventBus } from '../../adapters/aws/event-bus';
import { EvidenceBucket } from '../../adapters/aws/evidence-bucket';
import { RevocationBrakeRow } from '../../adapters/aws/revocation-brake';
import { SqsQueue } from '../../adapters/aws/sqs-queue';
import { logger } from '../../adapters/aws/telemetry';
import { urlAnswer } from '../../adapters/aws/url-answer';
import { EnvironmentName } from '../../src/core/environment';
import { SWEEP, type SweepMessage } from '../../src/core/scanning/reconcile-message';
import { callerOf, readBody } from '../../src/core/trust/function-url';
import { releaseBrake } from '../../use-cases/evaluation/release-brake';

const queue = new SqsQueue<SweepMessage>(env(EnvironmentName.queue));
const ports = {
  brake: new RevocationBrakeRow(env(EnvironmentName.register)),
  evidence: new EvidenceBucket(env(EnvironmentName.evidence)),
  events: new EventBus(env(EnvironmentName.eventBus)),
  sweep: () => queue.send(SWEEP),
  newId: () => ulid(),
};

/** Behind a function URL. Who calls, AWS says; why, the body says. */
export async function handler(event: LambdaFunctionURLEvent): Promise<APIGatewayProxyResultV2> {
  const caller = callerOf(event);
  if (caller === undefined) {
    logger.error('refused: the event names no caller');
    return urlAnswer(403, { problems: ['the event names no caller: call the function by its URL'] });
  }
  const result = await releaseBrake(caller, readBody(event), { ...ports, now: new Date() });
  logger.info('problems' in result ? 'refused' : 'done', { caller, ...result });
  return urlAnswer('problems' in result ? 400 : 200, result);
}
