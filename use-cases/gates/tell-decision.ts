import type { AlertMessage } from '../../src/core/alerts/message';
import { gateAlert } from '../../src/core/gates/gate-alert';
import { refusalText, waysOut } from '../../src/core/gates/gate-answer';
import { untilWhenAllMayRun, whyAllMayRun } from '../../src/core/gates/looked-at';
import type { AdmittedAnyway, Decided } from '../../src/core/gates/next-step';

export interface TellContext {
  readonly evidenceBucket: string;
  say(line: string): void;
  /** Counts what is refused, or goes on without trust, and sends the message. It never rejects. */
  report(outcome: 'refused' | 'ignored', message: AlertMessage | undefined): Promise<void>;
}

export interface Told {
  /** What would run: `the service web`. */
  readonly subject: string;
  /** Where the service does not show the reason of a refusal, the team gets it as a message. */
  readonly showsReason: boolean;
  /** Why a rollback brings an image back. @default - because its stack was rolling back */
  readonly whyRollback?: string;
}

const WHY: Readonly<Record<AdmittedAnyway, string>> = {
  AUDIT: 'its gate only audits (Enforcement.audit)',
  ROLLBACK: 'its stack was rolling back',
};

/** Logs and counts a final decision, and sends the team what nobody else tells it. */
export async function tellDecision(
  decided: Decided,
  { subject, showsReason, whyRollback }: Told,
  { evidenceBucket, say, report }: TellContext,
): Promise<void> {
  switch (decided.step) {
    case 'look again':
      return; // the transport says what it waits for
    case 'refuse': {
      const { refusals } = decided;
      const all = refusalText(refusals, evidenceBucket);
      say([`${subject} is refused: ${all}`, ...waysOut(refusals)].join('\n'));
      const event = { outcome: 'refused', subject, why: 'what ran before runs on', refusals } as const;
      return report('refused', showsReason ? undefined : gateAlert(event, evidenceBucket));
    }
    case 'admit': {
      const { images, anyway } = decided;
      if (anyway === undefined) {
        const until = untilWhenAllMayRun(images);
        const end = until === undefined ? '' : `, until ${until}`;
        return say(`${subject} is admitted: ${whyAllMayRun(images)}${end}`);
      }
      const { refusals } = decided;
      const why = anyway === 'ROLLBACK' ? (whyRollback ?? WHY.ROLLBACK) : WHY[anyway];
      say(`${subject} goes on without trust: ${why}; ${refusalText(refusals, evidenceBucket)}`);
      const event = { outcome: 'deployed without trust', subject, why, refusals } as const;
      return report('ignored', gateAlert(event, evidenceBucket));
    }
  }
}
