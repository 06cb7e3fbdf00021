import { inParallel } from '../../adapters/in-parallel';
import type { Deadline, SeverityCounts, Violation } from '../../src/core/evidence/verdict';
import { imageOf, type Repository } from '../../src/core/image/image';
import type { RegisterRow } from '../../src/core/register/row';
import { errorText } from '../../src/core/text/error-text';
import { plainText } from '../../src/core/text/plain-text';
import { AtOnce } from '../../src/core/times';
import { UserError } from '../../src/core/user-error';
import { loadVerdict, type EvidenceReader } from '../evidence/evidence-documents';

export interface ListPorts {
  readonly evidence: EvidenceReader;
  /** Says what could not be read. */
  note(line: string): void;
}

export interface ImageStatus {
  readonly image: string;
  readonly digest: string;
  readonly kind: RegisterRow['kind'];
  readonly tags: readonly string[];
  readonly outcome: 'PASS' | 'FAIL' | 'EXPIRED' | 'ERROR' | 'PENDING';
  readonly scannedAt?: string;
  readonly validUntil?: string;
  /** Whether the newest verdict is signed. Gates refuse one that is not. */
  readonly signed: boolean;
  readonly revoked: boolean;
  /** Until when the brake holds its revocation, and gates admit it. */
  readonly heldUntil?: string;
  readonly violations?: number;
  /** Findings by severity. */
  readonly counts?: SeverityCounts;
  readonly lastFailedScan?: RegisterRow['lastFailedScan'];
  /** Grace periods, the first to end first. Undefined where the verdict could not be read. */
  readonly deadlines?: readonly Deadline[];
  /** What is refused because its grace period ended. Undefined where the verdict could not be read. */
  readonly overdue?: readonly Overdue[];
}

type Overdue = Violation & { readonly due: string };

/** The images of these rows, newest scan first, without signatures and other attachments. */
export async function listImages(
  from: AsyncIterable<RegisterRow> | Iterable<RegisterRow>,
  { evidence, note }: ListPorts,
  now: Date,
): Promise<ImageStatus[]> {
  const rows: RegisterRow[] = [];
  for await (const row of from) if (row.kind !== 'attachment') rows.push(row);
  let unread: unknown;
  const images = await inParallel(AtOnce.queries, rows, async row => {
    const times = await timesOf(row, evidence).catch((error: unknown) => {
      unread = error;
      return undefined;
    });
    return imageStatus(row, times, now);
  });
  if (unread !== undefined) {
    note(`some deadlines are not shown: ${errorText(unread)}`);
  }
  return images.sort((a, b) => ((b.scannedAt ?? '') < (a.scannedAt ?? '') ? -1 : 1));
}

type Times = Required<Pick<ImageStatus, 'deadlines' | 'overdue'>>;

async function timesOf({ pk, verdict }: RegisterRow, evidence: EvidenceReader): Promise<Times> {
  if (verdict === undefined) return { deadlines: [], overdue: [] };
  const { deadlines, violations } = await loadVerdict(verdict, pk, evidence);
  const overdue = violations.flatMap(each => (each.due === undefined ? [] : [{ ...each, due: each.due }]));
  return { deadlines, overdue };
}

function imageStatus(row: RegisterRow, times: Times | undefined, now: Date): ImageStatus {
  const { pk, kind, tags = [], verdict, statement, revokedBy, held, lastFailedScan } = row;
  return {
    image: pk,
    digest: imageOf(pk).digest,
    kind,
    tags,
    outcome: outcomeOf(row, now),
    ...(verdict !== undefined && {
      scannedAt: verdict.scannedAt,
      validUntil: verdict.validUntil,
      violations: verdict.violationCount,
      counts: verdict.counts,
    }),
    signed: verdict?.outcome === 'PASS' && statement?.verdictId === verdict.verdictId,
    revoked: revokedBy !== undefined,
    ...(held !== undefined && Date.parse(held.until) > now.getTime() && { heldUntil: held.until }),
    ...(lastFailedScan !== undefined && { lastFailedScan }),
    ...times,
  };
}

function outcomeOf({ verdict, lastFailedScan }: RegisterRow, now: Date): ImageStatus['outcome'] {
  if (verdict === undefined) return lastFailedScan === undefined ? 'PENDING' : 'ERROR';
  return verdict.outcome === 'PASS' && !(Date.parse(verdict.validUntil) > now.getTime())
    ? 'EXPIRED'
    : verdict.outcome;
}

export function nothingOnRecord({ account, region, repository }: Repository): UserError {
  return new UserError(
    `no image of the repository ${plainText(repository, 300)} of ${account} in ${region} is on record: push one to an enrolled repository, or check its name and --stack`,
  );
}
