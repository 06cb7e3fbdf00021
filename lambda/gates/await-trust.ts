import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { askTrust, type AskContext } from './ask-trust';
import type { AlertMessage } from '../../src/core/alerts/message';
import { admittedAs, idAfter } from '../../src/core/gates/admitted';
import { DeploymentData, readDeployment } from '../../src/core/gates/deployment';
import { nextStep } from '../../src/core/gates/next-step';
import { admittedAnyway, refusalMessage } from '../../src/core/gates/refusal-message';
import type { Refused } from '../../src/core/trust/refusal';
import type { RegisterRow } from '../../src/core/trust/register-row';

/** What CDK's provider framework hands over: the request, with what the function that asked answered. */
export type AwaitEvent = CloudFormationCustomResourceEvent & { readonly PhysicalResourceId: string; readonly Data?: unknown };

export interface AwaitContext extends AskContext {
  readonly evidenceBucket: string;
  readonly waitSeconds: number;
  alert(message: AlertMessage): Promise<void>;
  /** Progress, a line a look. */
  say(line: string, about: { readonly image: string }): void;
}

/** The framework takes over what it is answered: only what is admitted becomes the physical id, which a rollback believes. */
export type AwaitAnswer =
  | { readonly IsComplete: false }
  | { readonly IsComplete: true; readonly PhysicalResourceId?: string; readonly Data?: { readonly Digest: string } };

const WHY_KEPT = {
  YES: 'its stack was rolling back, and what ran before may run on',
  UNKNOWN: 'the status of its stack could not be read, and it ran there before',
};

/** A gate that only watches keeps nobody waiting for an hour. */
const AUDIT_SECONDS = 900;

/** Looks once. Deleting is never held up, and neither is a stack on its way back: what ran before may run on, and people are told. */
export async function awaitTrust(event: AwaitEvent, context: AwaitContext): Promise<AwaitAnswer> {
  if (event.RequestType === 'Delete') return { IsComplete: true };
  const properties = readDeployment(event.ResourceProperties);
  const { Digest, Image: image, RequestedAt, Rollback } = DeploymentData.parse(event.Data);
  const id = idAfter(event.PhysicalResourceId, admittedAs(image, properties));
  const admitted = { IsComplete: true, PhysicalResourceId: id, Data: { Digest } } as const;
  const { decision, row, children } = await askTrust(image, context);
  if (!decision.trusted && Rollback !== 'NO') {
    await letPass(image, decision, row, WHY_KEPT[Rollback], context);
    return admitted;
  }
  const isAudit = properties.Enforcement === 'AUDIT';
  const waitSeconds = isAudit ? Math.min(AUDIT_SECONDS, context.waitSeconds) : context.waitSeconds;
  const step = nextStep({ decision, row, children, waitSeconds, requestedAt: new Date(RequestedAt), now: context.now });
  switch (step.step) {
    case 'admit':
      context.say(`trusted until ${step.trusted.validUntil}`, { image });
      return admitted;
    case 'wait':
      context.say(`waits: ${step.why}`, { image });
      return { IsComplete: false };
    case 'refuse':
      if (!isAudit) throw new Error(refusalMessage(step.refused, row, context.evidenceBucket));
      await letPass(image, step.refused, row, 'its gate only watches (Enforcement.audit)', context);
      return admitted;
  }
}

async function letPass(image: string, refused: Refused, row: RegisterRow | undefined, why: string, context: AwaitContext): Promise<void> {
  context.say(`not trusted, and deployed all the same: ${why}; ${refused.says}`, { image });
  await context.alert(admittedAnyway(image, refused, row, context.evidenceBucket, why));
}
