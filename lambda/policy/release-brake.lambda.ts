import type { APIGatewayProxyResultV2, LambdaFunctionURLEvent } from 'aws-lambda';
import { ulid } from 'ulid';
import { env } from '../../adapters/aws/environment';
import { EventBus } from '../../adapters/aws/event-bus';
import { EvidenceBucket } from '../../adapters/aws/evidence-bucket';
import { RevocationBrakeRow } from '../../adapters/aws/revocation-brake';
import { SqsQueue } from '../../adapters/aws/sqs-queue';
import { answerCaller } from '../../adapters/aws/url-answer';
import { EnvironmentName } from '../../src/core/environment';
import { SWEEP, type SweepMessage } from '../../src/core/scanning/reconcile-message';
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
  return answerCaller(event, (caller, body) => releaseBrake(caller, body, { ...ports, now: new Date() }));
}
