import { answer, table } from './answer';
import type { AskOptions } from './options';
import { repositoryAsked } from './repository-argument';
import { nothingOnRecord } from './status';
import { asking } from '../../adapters/aws/aws-error';
import { inParallel } from '../../adapters/in-parallel';
import type { FindingRow } from '../../src/core/findings/changes';
import { imageOf, type Repository } from '../../src/core/image/image';
import type { RegisterRow } from '../../src/core/register/row';
import { severityRank } from '../../src/core/scanning/severity';
import { AtOnce } from '../../src/core/times';
import { usageError } from '../../src/core/user-error';
import { Connection } from '../../use-cases/deployed-trust/connect';
import type { Cli } from '../shell/cli';

export interface FindingsOptions extends AskOptions {
  readonly cve?: string;
  readonly repository?: string;
  readonly all?: boolean;
}

export interface FindingsPorts {
  readonly findings: {
    ofVulnerability(id: string): Promise<FindingRow[]>;
    ofImage(image: string): Promise<FindingRow[]>;
  };
  readonly register: { rowsOf(repository: Repository): AsyncIterable<RegisterRow> };
}

export interface FindingsQuestion {
  readonly cve?: string;
  readonly repository?: Repository;
  /** Also what is fixed. */
  readonly all: boolean;
}

/** The worst first, then by image. Undefined: no image of the repository is on record. */
export async function findingsFor(
  { cve, repository, all }: FindingsQuestion,
  ports: FindingsPorts,
): Promise<FindingRow[] | undefined> {
  const rows =
    cve === undefined
      ? await ofRepository(repository!, ports)
      : await ports.findings.ofVulnerability(spelled(cve));
  const wanted = rows?.filter(
    ({ pk, status }) => (all || status !== 'FIXED') && (repository === undefined || lies(pk, repository)),
  );
  return wanted?.sort(
    (a, b) =>
      severityRank(a.severity) - severityRank(b.severity) || compare(a.pk, b.pk) || compare(a.id, b.id),
  );
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

async function ofRepository(
  repository: Repository,
  { findings, register }: FindingsPorts,
): Promise<FindingRow[] | undefined> {
  const images: string[] = [];
  for await (const { pk, kind } of register.rowsOf(repository)) if (kind !== 'attachment') images.push(pk);
  return images.length === 0
    ? undefined
    : (await inParallel(AtOnce.queries, images, image => findings.ofImage(image))).flat();
}

/** Ids are compared as they are, and that of a CVE is written in capitals. */
function spelled(id: string): string {
  return /^cve-/i.test(id) ? id.toUpperCase() : id;
}

function lies(image: string, { account, region, repository }: Repository): boolean {
  const of = imageOf(image);
  return of.account === account && of.region === region && of.repository === repository;
}

export function findingsLines(rows: readonly FindingRow[]): string[] {
  return table(
    ['STATUS', 'SEVERITY', 'ID', 'PACKAGE', 'FIXED IN', 'IMAGE', 'WAIVED BY'],
    rows.map(row => {
      const { repository, digest } = imageOf(row.pk);
      const waived = [
        row.waivedBy ?? '',
        ...(row.waivedUntil === undefined ? [] : [`until ${row.waivedUntil}`]),
      ].join(' ');
      return [
        row.status,
        row.severity,
        row.id,
        [row.package, row.installedVersion].filter(each => each !== undefined).join(' ') || row.path || '-',
        row.fixedVersion ?? '-',
        `${repository}@${digest.slice(0, 19)}`,
        row.status === 'WAIVED' ? waived : '-',
      ];
    }),
  );
}

export async function listFindings(
  { cve, repository, all = false, json, ...options }: FindingsOptions,
  cli: Cli,
): Promise<void> {
  if (cve === undefined && repository === undefined) {
    throw usageError('nothing is asked for, required: --cve ID, --repository NAME or both');
  }
  await asking(async () => {
    const connection = await Connection.open(options, cli);
    const of = repository === undefined ? undefined : repositoryAsked(repository, connection.trust);
    const rows = await findingsFor({ cve, repository: of, all }, connection);
    if (rows === undefined) throw nothingOnRecord(of!);
    answer(cli, json, rows, () => (rows.length === 0 ? [] : findingsLines(rows)));
    if (rows.length === 0) {
      cli.out.note(
        `no image on record has ${cve === undefined ? 'a finding' : 'it'}${all ? '' : ' open or waived'}: what was never scanned is not on record`,
      );
    }
  });
}
