import { inParallel } from '../../adapters/in-parallel';
import { baseTitle } from '../../src/core/bases/base-advice';
import { BaseRecord, replacementOf } from '../../src/core/bases/base-record';
import type { KnownBases } from '../../src/core/bases/known-bases';
import { baseKey } from '../../src/core/evidence/evidence-keys';
import { holds } from '../../src/core/evidence/verdict';
import { imageOf, type ImageName } from '../../src/core/image/image';
import { Limit } from '../../src/core/limits';
import type { RegisterRow } from '../../src/core/register/row';
import type { ImageBase } from '../../src/core/report-page/fleet-page';
import { errorText } from '../../src/core/text/error-text';
import { AtOnce } from '../../src/core/times';
import type { EvidenceReader } from '../evidence/evidence-documents';

export interface BasesPorts {
  readonly bases: { load(): Promise<KnownBases> };
  readonly evidence: EvidenceReader;
  /** Says what could not be read. */
  note(line: string): void;
}

/**
 * The base image of each image, as its last page found it, and whether a newer one passes now. Nothing is
 * read where no repository is declared one of base images.
 */
export async function listBases(
  rows: readonly RegisterRow[],
  { bases, evidence, note }: BasesPorts,
  now: Date,
): Promise<ReadonlyMap<ImageName, ImageBase>> {
  let unread: unknown;
  const ask = async <T>(read: () => Promise<T>): Promise<T | undefined> =>
    read().catch((error: unknown) => {
      unread = error;
      return undefined;
    });
  const found = new Map<ImageName, ImageBase>();
  const known = await ask(() => bases.load());
  if (known !== undefined && known.images.length > 0) {
    // these rows are of images that are there
    const passing = new Set(rows.filter(({ verdict }) => verdict && holds(verdict, now)).map(({ pk }) => pk));
    await inParallel(AtOnce.queries, rows, async ({ pk, verdict }) => {
      if (verdict?.kind !== 'scan') return;
      const record = await ask(() => recordOf({ image: pk, ...verdict }, evidence));
      if (record === undefined) return;
      const newer = replacementOf(known, record.base, image => passing.has(image));
      const its = known.images.find(({ image }) => image === record.base);
      found.set(pk, {
        title: its === undefined ? nameOf(record.base) : baseTitle(its),
        findings: record.findings,
        own: record.own,
        ...(newer !== undefined && { newer: baseTitle(newer) }),
      });
    });
  }
  if (unread !== undefined) note(`some base images are not shown: ${errorText(unread)}`);
  return found;
}

async function recordOf(
  verdict: Parameters<typeof baseKey>[0],
  evidence: EvidenceReader,
): Promise<BaseRecord | undefined> {
  const bytes = await evidence.read(baseKey(verdict), Limit.smallFileBytes);
  if (bytes === undefined) return undefined;
  const record = BaseRecord.parse(JSON.parse(new TextDecoder().decode(bytes)));
  return record.image === verdict.image ? record : undefined;
}

function nameOf(image: ImageName): string {
  const { repository, digest } = imageOf(image);
  return `${repository}@${digest}`;
}
