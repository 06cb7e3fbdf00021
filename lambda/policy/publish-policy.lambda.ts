import { createHash } from 'node:crypto';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import * as z from 'zod';
import { EnvironmentName } from '../../src/core/environment';
import { policyKey } from '../../src/core/evidence';
import { readPolicy } from '../../src/core/policy/policy';
import { SWEEP, type SweepMessage } from '../../src/core/scanning/reconcile-message';
import { env } from '../adapters/environment';
import { EvidenceBucket } from '../adapters/evidence-bucket';
import { PolicyRegister } from '../adapters/policy-register';
import { SqsQueue } from '../adapters/sqs-queue';
import { logger } from '../adapters/telemetry';

const Properties = z.object({ Policy: z.string() });

interface Answer { readonly PhysicalResourceId: string; readonly Data: { readonly Revision: string; readonly Sha256: string } }

/** Custom resource: the policy document into the evidence, and its revision up by one where it differs from the one in force. */
export async function handler(event: CloudFormationCustomResourceEvent): Promise<Answer> {
  const { Policy } = Properties.parse(event.ResourceProperties);
  const sha256 = createHash('sha256').update(Policy).digest('hex');
  const answer = (revision: number) => ({ PhysicalResourceId: 'policy', Data: { Revision: String(revision), Sha256: sha256 } });
  if (event.RequestType === 'Delete') return answer(0); // the register outlives the stack, and its counters never go back

  // It was checked when the app was synthesised. What this version does not understand is of another one, on its way there or back: a failure here
  // would leave the stack in UPDATE_ROLLBACK_FAILED. The evaluator takes it for POLICY_INVALID until the functions are of that version.
  const policy = readPolicy(Policy);
  if (!policy.ok) logger.warn('the policy is not valid for this version', { problems: policy.error.join('; ').slice(0, 1000) });
  await new EvidenceBucket(env(EnvironmentName.evidence)).writeOnce(policyKey(sha256), Policy, 'application/json');
  const { revision, changed } = await new PolicyRegister(env(EnvironmentName.policies)).publish(sha256);
  if (changed) await new SqsQueue<SweepMessage>(env(EnvironmentName.queue)).send(SWEEP);
  logger.info('policy published', { revision, changed, sha256 });
  return answer(revision);
}
