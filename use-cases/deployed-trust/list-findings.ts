import { inParallel } from '../../adapters/in-parallel';
import type { FindingRow } from '../../src/core/findings/changes';
import { imageOf, type Repository } from '../../src/core/image/image';
import type { RegisterRow } from '../../src/core/register/row';
import { severityRank } from '../../src/core/scanning/finding';
import { AtOnce } from '../../src/core/times';

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
  /** Fixed findings too. */
  readonly all: boolean;
}

/** The most severe first, then by image. Undefined: no image of the repository is on record. */
export async function listFindings(
  { cve, repository, all }: FindingsQuestion,
  ports: FindingsPorts,
): Promise<FindingRow[] | undefined> {
  const rows =
    cve === undefined
      ? await ofRepository(repository!, ports)
      : await ports.findings.ofVulnerability(asWritten(cve));
  const wanted = rows?.filter(
    ({ pk, status }) => (all || status !== 'FIXED') && (repository === undefined || isIn(pk, repository)),
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

/** Ids are compared exactly, and the id of a CVE is in capitals. */
function asWritten(id: string): string {
  return /^cve-/i.test(id) ? id.toUpperCase() : id;
}

function isIn(image: string, { account, region, repository }: Repository): boolean {
  const of = imageOf(image);
  return of.account === account && of.region === region && of.repository === repository;
}
