import type { CloudFormationCustomResourceEvent, Context } from 'aws-lambda';
import * as z from 'zod';
import { answerInTime } from '../../adapters/aws/answer-in-time';
import { CloudFormationAnswers } from '../../adapters/aws/cloudformation-answers';
import { env } from '../../adapters/aws/environment';
import { EvidenceBucket } from '../../adapters/aws/evidence-bucket';
import { PolicySource } from '../../adapters/aws/policy-source';
import { PolicyTable } from '../../adapters/aws/policy-table';
import { regoEngine } from '../../adapters/aws/rego-engine';
import { regoFiles } from '../../adapters/aws/rego-files';
import { S3File } from '../../adapters/aws/s3-file';
import { SqsQueue } from '../../adapters/aws/sqs-queue';
import { count, flushMetrics, logger } from '../../adapters/aws/telemetry';
import { EnvironmentName, MetricName } from '../../src/core/environment';
import { PolicyRow } from '../../src/core/policy/policy-table';
import { SWEEP, type SweepMessage } from '../../src/core/scanning/reconcile-message';
import { RegoRuntime } from '../../src/runtime/rego-runtime';
import { publishPolicy } from '../../use-cases/policy/publish-policy';
import { refreshPolicy } from '../../use-cases/policy/refresh-policy';
import { activateDeployedWaivers } from '../../use-cases/waivers/publish-waivers';

const Properties = z.object({ Policy: z.string(), Waivers: z.string().optional() });
const table = env(EnvironmentName.policies);
const evidence = new EvidenceBucket(env(EnvironmentName.evidence));
const queue = new SqsQueue<SweepMessage>(env(EnvironmentName.queue));
const rego = new RegoRuntime(regoEngine);
const answers = new CloudFormationAnswers();
const ports = {
  evidence,
  regoFiles,
  check: rego.check.bind(rego),
  source: new PolicySource(table),
  pointer: new PolicyTable(table, PolicyRow.current),
  waivers: { write: (text: string) => waiverFile().write(text), activate: activateWaivers },
  sweep: () => queue.send(SWEEP),
  reportRejected,
  reportProblems,
};

/**
 * Called by CloudFormation with what a deployment declares, or by a clock or a bucket to read the files of
 * the policy source again.
 */
export async function handler(
  event: CloudFormationCustomResourceEvent | object,
  context: Context,
): Promise<void> {
  try {
    if ('RequestType' in event) await deploy(event, context);
    else await refresh();
  } finally {
    flushMetrics();
  }
}

async function deploy(event: CloudFormationCustomResourceEvent, context: Context): Promise<void> {
  const id = event.RequestType === 'Create' ? 'policy' : event.PhysicalResourceId;
  const asked = { answers, what: 'the publisher of the policy', id };
  await answerInTime(event, context, asked, async () => {
    // the table outlives the stack, and its revisions never go back
    if (event.RequestType === 'Delete') return undefined;
    const { Policy: policy, Waivers: waivers } = Properties.parse(event.ResourceProperties);
    const old = event.RequestType === 'Update' ? event.OldResourceProperties : undefined;
    const waiversBefore = Properties.safeParse(old).data?.Waivers;
    const published = await publishPolicy({ policy, waivers, waiversBefore }, ports);
    logger.info('policy published', { ...published });
    return undefined;
  });
}

async function refresh(): Promise<void> {
  const { done, rejected } = await refreshPolicy(ports);
  reportRejected(rejected);
  logger.info('policy looked at', { done });
}

function reportRejected(rejected: readonly string[]): void {
  if (rejected.length === 0) return;
  count(MetricName.policyRejected);
  logger.error('Rego files of the policy cannot be activated: the previous files still count', {
    problems: rejected,
  });
}

function reportProblems(problems: readonly string[]): void {
  logger.warn('the policy is not valid for this version', { problems: problems.join('; ').slice(0, 1000) });
}

/** Only a stack that declares waivers says where they are. */
function waiverFile(): S3File {
  return new S3File(env(EnvironmentName.waiversBucket), env(EnvironmentName.waiversKey));
}

async function activateWaivers(): Promise<boolean> {
  const { done, isChanged } = await activateDeployedWaivers({
    evidence,
    file: waiverFile(),
    pointer: new PolicyTable(table, PolicyRow.waivers),
    maxLifeDays: Number(env(EnvironmentName.waiverLifeDays)),
    now: new Date(),
  });
  logger.info('waivers', { done });
  return isChanged;
}
