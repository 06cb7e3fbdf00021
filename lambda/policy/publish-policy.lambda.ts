import { sha256Of } from '../../src/core/text/sha256';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import * as z from 'zod';
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
import { readPolicySet } from '../../src/core/policy/policy-set';
import { PolicyRow } from '../../src/core/policy/policy-table';
import { SWEEP, type SweepMessage } from '../../src/core/scanning/reconcile-message';
import { RegoRuntime } from '../../src/runtime/rego-runtime';
import {
  publishPolicy,
  type PolicyToPublish,
  type PublishedRevision,
} from '../../use-cases/policy/publish-policy';
import { readRego } from '../../use-cases/policy/read-rego';
import { refreshPolicy } from '../../use-cases/policy/refresh-policy';
import { publishWaivers } from '../../use-cases/waivers/publish-waivers';

const Properties = z.object({ Policy: z.string(), Waivers: z.string().optional() });
const evidence = new EvidenceBucket(env(EnvironmentName.evidence));
const queue = new SqsQueue<SweepMessage>(env(EnvironmentName.queue));
const rego = new RegoRuntime(regoEngine);
const declared = new PolicySource(env(EnvironmentName.policies));
const context = {
  evidence,
  regoFiles,
  check: rego.check.bind(rego),
  pointer: new PolicyTable(env(EnvironmentName.policies), PolicyRow.current),
  waivers: { write: (text: string) => waiversFile().write(text), publish: activate },
  sweep: () => queue.send(SWEEP),
};

interface Answer {
  readonly PhysicalResourceId: string;
  readonly Data: { readonly Revision: string; readonly Sha256: string };
}

/**
 * Custom resource: what a deployment declares. Else a clock or a bucket: what was declared, with the files
 * that lie there now.
 */
export async function handler(
  event: CloudFormationCustomResourceEvent | object,
): Promise<Answer | undefined> {
  try {
    if ('RequestType' in event) return await declare(event);
    const { done, rejected } = await refreshPolicy({ ...context, declared });
    tell(rejected);
    logger.info('policy looked at', { done });
    return undefined;
  } finally {
    flushMetrics();
  }
}

/** The policy of the stack, and its waivers where the stack says them. */
async function declare(event: CloudFormationCustomResourceEvent): Promise<Answer> {
  const { Policy, Waivers } = Properties.parse(event.ResourceProperties);
  const answer = (revision: number, sha256: string) => ({
    PhysicalResourceId: 'policy',
    Data: { Revision: String(revision), Sha256: sha256 },
  });
  // the register outlives the stack, and its counters never go back
  if (event.RequestType === 'Delete') return answer(0, sha256Of(Policy));

  const before =
    event.RequestType === 'Update'
      ? Properties.safeParse(event.OldResourceProperties).data?.Waivers
      : undefined;
  // first: who looks again by the clock must not put back what was declared before
  await declared.write(Policy);
  const { revision, sha256 } = await publish(Policy, { waivers: Waivers, waiversBefore: before });
  return answer(revision, sha256);
}

async function publish(
  policySource: string,
  waivers: Pick<PolicyToPublish, 'waivers' | 'waiversBefore'> = {},
): Promise<PublishedRevision> {
  const { document, rejected } = await readRego(policySource, context);
  tell(rejected);
  // It was checked when the app was synthesised. What this version does not understand is of another one, on
  // its way there or back: a failure here would leave the stack in UPDATE_ROLLBACK_FAILED. The evaluator
  // takes it for POLICY_INVALID until the functions are of that version.
  const set = readPolicySet(document);
  if (!set.ok) {
    logger.warn('the policy is not valid for this version', {
      problems: set.error.join('; ').slice(0, 1000),
    });
  }
  const published = await publishPolicy({ policy: document, ...waivers }, context);
  logger.info('policy published', { ...published });
  return published;
}

function tell(rejected: readonly string[]): void {
  if (rejected.length === 0) return;
  count(MetricName.policyRejected);
  logger.error('Rego files of the policy cannot be activated: the previous files still count', {
    problems: rejected,
  });
}

function waiversFile(): S3File {
  return new S3File(env(EnvironmentName.waiversBucket), env(EnvironmentName.waiversKey));
}

/**
 * Who is told of a file that cannot be read hears of it from the function that looks at every change of it.
 */
async function activate(): Promise<boolean> {
  let isChanged = false;
  const { done } = await publishWaivers({
    evidence,
    file: waiversFile(),
    pointer: new PolicyTable(env(EnvironmentName.policies), PolicyRow.waivers),
    events: { publish: async () => undefined },
    maxLifeDays: Number(env(EnvironmentName.waiverLifeDays)),
    now: new Date(),
    sweep: async () => {
      isChanged = true;
    },
  });
  logger.info('waivers', { done });
  return isChanged;
}
