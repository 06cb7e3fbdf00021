import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { askedTrust, remedyFor, templateKeys } from '../../adapters/aws/asked-trust';
import { env } from '../../adapters/aws/environment';
import { judgedBy } from '../../adapters/aws/judged-by';
import { SnsTopic } from '../../adapters/aws/sns-topic';
import { count, flushMetrics, logger } from '../../adapters/aws/telemetry';
import { inTime } from '../../adapters/in-time';
import { pause } from '../../adapters/pause';
import type { AlertMessage } from '../../src/core/alerts/message';
import { EnvironmentName, MetricName } from '../../src/core/environment';
import { Digest } from '../../src/core/image/image';
import { Seconds } from '../../src/core/times';
import { sending, sendToAll } from '../../use-cases/alerts/publish-alert';
import type { GateContext } from '../../use-cases/gates/decide-images';

const topics = SnsTopic.all(env(EnvironmentName.alertTopics));
const ports = {
  ...askedTrust,
  keys: templateKeys,
  schemaVersion: process.env[EnvironmentName.trustSchemaVersion],
  allowedDigests: z.array(Digest).parse(JSON.parse(env(EnvironmentName.allowedDigests))),
  enforcement: z.enum(['REFUSE', 'AUDIT']).parse(env(EnvironmentName.enforcement)),
  evidenceBucket: env(EnvironmentName.evidence),
  say: (line: string) => logger.info(line),
  pause,
  report,
};

/** What every gate in a service decides by. */
export function gateContext(context: Context): GateContext {
  const { invokedFunctionArn } = context;
  return { ...ports, judged: judgedBy(context), remedy: remedyFor(invokedFunctionArn), now: new Date() };
}

/** A message that cannot be sent in time must hold up nothing: the metric raises the alarm in any case. */
async function report(outcome: 'refused' | 'ignored', message: AlertMessage | undefined): Promise<void> {
  count(outcome === 'refused' ? MetricName.deploymentsRefused : MetricName.refusalsIgnored);
  flushMetrics();
  if (message === undefined) return;
  const { title } = message;
  const sent = sendToAll(topics, sending(message, { outcome: 'NOT_TRUSTED' })).then(
    () => true,
    (error: unknown) => {
      logger.error('the message could not be sent', { title, error: error as Error });
      return true;
    },
  );
  const isOver = await inTime(sent, pause(Seconds.gateTells), () => false);
  if (!isOver) logger.error('the message was not sent in time', { title });
}
