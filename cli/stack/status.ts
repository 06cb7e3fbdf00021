import { answer, minute, table } from './answer';
import type { AskOptions } from './options';
import { repositoryAsked } from './repository-argument';
import { asking } from '../../adapters/aws/aws-error';
import { inParallel } from '../../adapters/in-parallel';
import type { Deadline } from '../../src/core/evidence/verdict';
import { imageOf, type Repository } from '../../src/core/image/image';
import type { RegisterRow } from '../../src/core/register/row';
import { plainText } from '../../src/core/text/plain-text';
import { AtOnce } from '../../src/core/times';
import { UserError } from '../../src/core/user-error';
import { Connection } from '../../use-cases/deployed-trust/connect';
import { loadVerdict, type EvidenceReader } from '../../use-cases/evidence/evidence-documents';
import type { Cli } from '../shell/cli';

export interface StatusPorts {
  readonly register: { rowsOf(repository: Repository): AsyncIterable<RegisterRow> };
  readonly evidence: EvidenceReader;
  /** What people should know of what could not be read. */
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
  /** Whether the newest verdict is signed: without that, gates refuse it. */
  readonly signed: boolean;
  readonly revoked: boolean;
  readonly violations?: number;
  readonly lastFailedScan?: RegisterRow['lastFailedScan'];
  /**
   * What may be fixed until then, that which ends first at first; undefined where the verdict could not be
   * read.
   */
  readonly deadlines?: readonly Deadline[];
}

/** The images of a repository, newest scan first. Signatures and what else is attached to images are none. */
export async function statusOf(
  repository: Repository,
  { register, evidence, note }: StatusPorts,
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
    return statusOfRow(row, deadlines, now);
  });
  if (unread !== undefined) {
    note(
      `deadlines are not shown of all: ${plainText(unread instanceof Error ? `${unread.name}: ${unread.message}` : String(unread), 300)}`,
    );
  }
  return images.sort((a, b) => ((b.scannedAt ?? '') < (a.scannedAt ?? '') ? -1 : 1));
}

async function deadlinesOf({ pk, verdict }: RegisterRow, evidence: EvidenceReader): Promise<Deadline[]> {
  if (verdict === undefined) return [];
  return (await loadVerdict(verdict, pk, evidence)).deadlines;
}

function statusOfRow(row: RegisterRow, deadlines: readonly Deadline[] | undefined, now: Date): ImageStatus {
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

export function statusLines(images: readonly ImageStatus[]): string[] {
  return table(
    ['DIGEST', 'TAGS', 'OUTCOME', 'VALID UNTIL', 'SIGNED', 'NEXT DEADLINE', 'LAST ATTEMPT'],
    images.map(image => [
      image.digest.slice(0, 19),
      image.tags.map(tag => plainText(tag, 40)).join(',') || '-',
      image.revoked ? `${image.outcome} (revoked)` : image.outcome,
      image.validUntil === undefined || image.outcome === 'FAIL' ? '-' : minute(image.validUntil),
      image.signed ? 'yes' : 'no',
      nextDeadline(image),
      image.lastFailedScan === undefined
        ? '-'
        : `${image.lastFailedScan.cause} ${minute(image.lastFailedScan.at)}`,
    ]),
  );
}

function nextDeadline({ deadlines }: ImageStatus): string {
  if (deadlines === undefined) return '?';
  const [first, ...others] = deadlines;
  return first === undefined
    ? '-'
    : `${minute(first.due)} ${plainText(first.id ?? first.rule, 40)}${others.length > 0 ? ` and ${others.length} more` : ''}`;
}

export async function status(name: string, options: AskOptions, cli: Cli): Promise<void> {
  await asking(async () => {
    const connection = await Connection.open(options, cli);
    const repository = repositoryAsked(name, connection.trust);
    const ports = {
      register: connection.register,
      evidence: connection.evidence,
      note: (line: string) => cli.out.note(line),
    };
    const images = await statusOf(repository, ports, cli.now());
    if (images.length === 0) throw nothingOnRecord(repository);
    answer(cli, options.json, images, () => statusLines(images));
  });
}

export function nothingOnRecord({ account, region, repository }: Repository): UserError {
  return new UserError(
    `no image of the repository ${plainText(repository, 300)} of ${account} in ${region} is on record: push one to an enrolled repository, or look at its name and at --stack`,
  );
}
