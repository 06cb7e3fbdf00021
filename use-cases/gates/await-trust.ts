import { decideImages, type GateContext } from './decide-images';
import { idAfter, readId, wasTrusted } from '../../src/core/gates/admitted';
import type { Answer } from '../../src/core/gates/answer';
import type { DeploymentMessage } from '../../src/core/gates/deployment';
import {
  longestWait,
  rulesOfDeployment,
  waitedSeconds,
  type Deployment,
} from '../../src/core/gates/gate-rules';
import { refusalMessage } from '../../src/core/gates/refusal-message';
import { imageOf } from '../../src/core/image/image';
import { ok } from '../../src/core/result';

export interface AwaitContext extends GateContext {
  readonly waitSeconds: number;
}

/** Why there is no decision yet. */
export interface Waits {
  readonly waits: string;
  readonly inSeconds: number;
}

/**
 * Looks once for a `TrustedImage`, which requested a scan. A rollback is never held up: what ran before may
 * run again, and the team is notified (0016).
 */
export async function awaitTrust(message: DeploymentMessage, context: AwaitContext): Promise<Answer | Waits> {
  const { image, requestedAt, rollback, enforcement, asker } = message;
  const { now, waitSeconds } = context;
  const { repository, digest } = imageOf(image);
  const deployment: Deployment = { enforcement, requestedAt: new Date(requestedAt), now, waitSeconds };
  const decided = await decideImages(
    {
      subject: `${repository}@${digest.slice(0, 19)}`,
      scope: asker.StackId,
      rules: rulesOfDeployment(deployment),
      showsReason: true,
      images: async () => ok([{ of: 'the image', image }]),
      rollback: rollback === 'MOVED' ? 'YES' : rollback,
      whyRollback: whyRollback(message),
      about: image,
    },
    context,
  );
  switch (decided.step) {
    case 'admit':
      return admitted(
        message,
        decided.images.every(each => 'allowed' in each),
      );
    case 'look again': {
      const [{ refused }] = decided.refusals;
      const waited = `${waitedSeconds({ at: deployment.requestedAt, now })} of ${longestWait(deployment)} seconds`;
      return { waits: `${refused.reason}: ${refused.says}; ${waited}`, inSeconds: decided.inSeconds };
    }
    case 'refuse': {
      const [{ refused, row }] = decided.refusals;
      return { reason: refusalMessage(refused, row, context.evidenceBucket), wayOut: refused.wayOut };
    }
  }
}

/** The physical id, which a rollback relies on, names only admitted images, and marks untrusted ones. */
function admitted({ image, reference, asker }: DeploymentMessage, isTrusted: boolean): Answer {
  const id = idAfter(asker.PhysicalResourceId, { image, reference, ...(!isTrusted && { anyway: true }) });
  return { PhysicalResourceId: id, Data: { Digest: imageOf(image).digest } };
}

function whyRollback({ rollback, enforcement, image, asker }: DeploymentMessage): string {
  if (rollback === 'MOVED') {
    return 'its resource moved to another gate, and the image that ran before may run on';
  }
  if (rollback === 'UNKNOWN') {
    return 'the status of its stack could not be read, and the image ran there before';
  }
  const memory = readId(asker.PhysicalResourceId);
  const isKnown = enforcement === 'AUDIT' || (memory !== undefined && wasTrusted(memory, image));
  return `its stack was rolling back, and ${isKnown ? 'the image that ran before may run again' : 'there was no image that its gate ever found trusted'}`;
}
