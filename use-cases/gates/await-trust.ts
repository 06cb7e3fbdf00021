import { inTime } from '../../adapters/in-time';
import type { AlertMessage } from '../../src/core/alerts/message';
import { idAfter, readId, wasTrusted } from '../../src/core/gates/admitted';
import type { Answer } from '../../src/core/gates/answer';
import type { DeploymentMessage } from '../../src/core/gates/deployment';
import { nextStep } from '../../src/core/gates/next-step';
import { admittedAnyway, refusalMessage } from '../../src/core/gates/refusal-message';
import { imageOf, type ImageName } from '../../src/core/image/image';
import type { RegisterRow } from '../../src/core/register/row';
import { Seconds } from '../../src/core/times';
import type { Refused } from '../../src/core/trust/refusal';
import { whyAdmitted } from '../../src/core/trust/why-admitted';
import { askTrust, type AskContext } from '../trust/ask-trust';
import { failedLookup, type Look } from '../trust/look-at-trust';

export interface AwaitContext extends AskContext {
  readonly evidenceBucket: string;
  readonly waitSeconds: number;
  alert(message: AlertMessage): Promise<void>;
  say(line: string, about: { readonly image: string }): void;
}

/** Why there is no decision yet. */
export interface Waits {
  readonly waits: string;
}

const WATCHES = 'its gate only audits (Enforcement.audit)';

/**
 * Looks once. A rollback is never held up: what ran before may run again, and the team is notified (0016).
 */
export async function awaitTrust(message: DeploymentMessage, context: AwaitContext): Promise<Answer | Waits> {
  const { image, requestedAt, rollback, enforcement } = message;
  const { decision, row, children } = await lookInTime(image, context);
  if (!decision.trusted && rollback !== 'NO') {
    return letPass(message, decision, row, whyKept(message), context);
  }
  const isAudit = enforcement === 'AUDIT';
  const waitSeconds = isAudit ? Math.min(Seconds.deploymentAudit, context.waitSeconds) : context.waitSeconds;
  const step = nextStep({
    decision,
    row,
    children,
    waitSeconds,
    requestedAt: new Date(requestedAt),
    now: context.now,
  });
  switch (step.step) {
    case 'admit': {
      context.say(whyAdmitted(step.trusted), { image });
      return admitted(message, step.trusted.grant === undefined);
    }
    case 'wait':
      return { waits: step.why };
    case 'refuse':
      if (isAudit) return letPass(message, step.refused, row, WATCHES, context);
      return {
        reason: refusalMessage(step.refused, row, context.evidenceBucket),
        wayOut: step.refused.wayOut,
      };
  }
}

/** A register that hangs is a failed lookup: it is waited for, and then refused (rule 5.7, fail closed). */
async function lookInTime(image: ImageName, context: AwaitContext): Promise<Look> {
  const { pause, remedy } = context;
  const seconds = Seconds.deploymentLook;
  const over = new AbortController();
  return inTime(askTrust(image, context, over.signal), pause(seconds), () => {
    over.abort();
    return {
      row: undefined,
      decision: failedLookup(image, `no answer within ${seconds} seconds`, remedy),
    };
  });
}

/** The physical id, which a rollback relies on, names only admitted images, and marks untrusted ones. */
function admitted({ image, reference, asker }: DeploymentMessage, isTrusted: boolean): Answer {
  const id = idAfter(asker.PhysicalResourceId, { image, reference, ...(!isTrusted && { anyway: true }) });
  return { PhysicalResourceId: id, Data: { Digest: imageOf(image).digest } };
}

function whyKept({ rollback, enforcement, image, asker }: DeploymentMessage): string {
  if (rollback === 'UNKNOWN') {
    return 'the status of its stack could not be read, and the image ran there before';
  }
  const memory = readId(asker.PhysicalResourceId);
  const isKnown = enforcement === 'AUDIT' || (memory !== undefined && wasTrusted(memory, image));
  return `its stack was rolling back, and ${isKnown ? 'the image that ran before may run again' : 'there was no image that its gate ever found trusted'}`;
}

type Row = RegisterRow | undefined;

async function letPass(
  message: DeploymentMessage,
  refused: Refused,
  row: Row,
  why: string,
  context: AwaitContext,
): Promise<Answer> {
  const { image } = message;
  const says = [why, refused.says, refused.notLifted].filter(each => each !== undefined).join('; ');
  context.say(`deployed although it is not trusted: ${says}`, { image });
  await context.alert(admittedAnyway(image, refused, row, context.evidenceBucket, why));
  return admitted(message, false);
}
