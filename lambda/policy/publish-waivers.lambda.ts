import { env } from '../../adapters/aws/environment';
import { EventBus } from '../../adapters/aws/event-bus';
import { EvidenceBucket } from '../../adapters/aws/evidence-bucket';
import { PolicyTable } from '../../adapters/aws/policy-table';
import { S3File } from '../../adapters/aws/s3-file';
import { SqsQueue } from '../../adapters/aws/sqs-queue';
import { count, flushMetrics, logger } from '../../adapters/aws/telemetry';
import { WaiversInRegister } from '../../adapters/aws/used-waivers';
import { EnvironmentName, MetricName } from '../../src/core/environment';
import { isMorning } from '../../src/core/events/morning';
import { PolicyRow } from '../../src/core/policy/policy-table';
import { SWEEP, type SweepMessage } from '../../src/core/scanning/reconcile-message';
import { publishWaivers } from '../../use-cases/waivers/publish-waivers';
import { remindOfWaivers } from '../../use-cases/waivers/remind-of-waivers';

const queue = new SqsQueue<SweepMessage>(env(EnvironmentName.queue));
const waivers = new WaiversInRegister(env(EnvironmentName.register));
const ports = {
  file: new S3File(env(EnvironmentName.waiversBucket), env(EnvironmentName.waiversKey)),
  evidence: new EvidenceBucket(env(EnvironmentName.evidence)),
  pointer: new PolicyTable(env(EnvironmentName.policies), PolicyRow.waivers),
  events: new EventBus(env(EnvironmentName.eventBus)),
  used: () => waivers.used(),
  sweep: () => queue.send(SWEEP),
  maxLifeDays: Number(env(EnvironmentName.waiverLifeDays)),
};

/**
 * The file is read after every change of it and every quarter of an hour; the event is only the trigger.
 * Once a day the team is reminded of waivers.
 */
export async function handler(event: unknown): Promise<void> {
  try {
    const context = { ...ports, now: new Date() };
    const { done, rejected } = await publishWaivers(context);
    if (rejected === true) {
      count(MetricName.waiversRejected);
      logger.error('the waiver file cannot be read', { done });
    } else {
      logger.info('waivers', { done });
    }
    if (isMorning(event)) logger.info('reminded', { done: await remindOfWaivers(context) });
  } finally {
    flushMetrics();
  }
}
