import { awaitTrust, type AwaitAnswer, type AwaitEvent } from './await-trust';
import { failBriefly } from './fail-briefly';
import { asChat, asText, type AlertMessage } from '../../src/core/alerts/message';
import { EnvironmentName, MetricName } from '../../src/core/environment';
import { env } from '../adapters/environment';
import { KmsKeys } from '../adapters/kms-keys';
import { policyPointers } from '../adapters/policy-register';
import { SnsTopic } from '../adapters/sns-topic';
import { count, flushMetrics, logger } from '../adapters/telemetry';
import { TrustRegister } from '../adapters/trust-register';

const topic = new SnsTopic(env(EnvironmentName.topic));
const write = env(EnvironmentName.alertFormat) === 'CHAT' ? asChat : asText;
const ports = {
  register: new TrustRegister(env(EnvironmentName.register)),
  keys: new KmsKeys(env(EnvironmentName.pinnedKeys)),
  policies: policyPointers(env(EnvironmentName.policies)),
  evidenceBucket: env(EnvironmentName.evidence),
  waitSeconds: Number(env(EnvironmentName.waitSeconds)),
  say: (line: string, about: { readonly image: string }) => logger.info(line, about),
  alert,
};

export async function handler(event: AwaitEvent): Promise<AwaitAnswer> {
  return failBriefly(async () => {
    try {
      return await awaitTrust(event, { ...ports, now: new Date() });
    } catch (error) {
      count(MetricName.deploymentsRefused);
      logger.warn('refused', { image: (event.Data as { Image?: string } | undefined)?.Image, error: error as Error });
      throw error;
    } finally {
      flushMetrics();
    }
  });
}

/** The alarm rings also where the message does not arrive: a stack on its way back is not held up by it. */
async function alert(message: AlertMessage): Promise<void> {
  count(MetricName.refusalsIgnored);
  await topic.publish({ subject: message.subject, body: write(message), attributes: { outcome: 'NOT_TRUSTED' } }).catch((error: unknown) => {
    logger.error('the message could not be sent', { title: message.title, error: error as Error });
  });
}
