import { inParallel } from '../../adapters/in-parallel';
import type { Deadline } from '../../src/core/evidence/verdict';
import { imageOf, type Repository } from '../../src/core/image/image';
import type { RegisterRow } from '../../src/core/register/row';
import { plainText } from '../../src/core/text/plain-text';
import { AtOnce } from '../../src/core/times';
import { UserError } from '../../src/core/user-error';
import { loadVerdict, type EvidenceReader } from '../evidence/evidence-documents';

export interface ListPorts {
  readonly register: { rowsOf(repository: Repository): AsyncIterable<RegisterRow> };
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
  readonly violations?: number;
  readonly lastFailedScan?: RegisterRow['lastFailedScan'];
  /** Grace periods, the first to end first. Undefined where the verdict could not be read. */
  readonly deadlines?: readonly Deadline[];
}

/** The images of a repository, newest scan first, without signatures and other attachments. */
export async function listImages(
  repository: Repository,
  { register, evidence, note }: ListPorts,
  now: Date,
): Promise<ImageStatus[]> {
  const rows: RegisterRow[] = [];
  for await (const row of register.rowsOf(repository)) if (row.kind !== 'attachment') rows.push(row);
  let unread: unknown;
  const images = await inParallel(AtOnce.queries, rows, async row => {
    const deadlines = await deadlinesOf(row, evidence).catch((error: unknown) => {
      unread = error;
      return undefined;
    });
    return imageStatus(row, deadlines, now);
  });
  if (unread !== undefined) {
    note(
      `some deadlines are not shown: ${plainText(unread instanceof Error ? `${unread.name}: ${unread.message}` : String(unread), 300)}`,
    );
  }
  return images.sort((a, b) => ((b.scannedAt ?? '') < (a.scannedAt ?? '') ? -1 : 1));
}

async function deadlinesOf({ pk, verdict }: RegisterRow, evidence: EvidenceReader): Promise<Deadline[]> {
  if (verdict === undefined) return [];
  return (await loadVerdict(verdict, pk, evidence)).deadlines;
}

function imageStatus(row: RegisterRow, deadlines: readonly Deadline[] | undefined, now: Date): ImageStatus {
  const { pk, kind, tags = [], verdict, statement, revokedBy, lastFailedScan } = row;
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
    }),
    signed: verdict?.outcome === 'PASS' && statement?.verdictId === verdict.verdictId,
    revoked: revokedBy !== undefined,
    ...(lastFailedScan !== undefined && { lastFailedScan }),
    ...(deadlines !== undefined && { deadlines }),
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
