import * as z from 'zod';
import { findingSortKey, vulnerabilityPartition } from './keys';
import type { WaivedBy } from './waived-by';
import { type Finding, FINDING_TYPES, Severity } from '../scanning/finding';
import { cutToBytes } from '../text/plain-text';

/** A row of the findings table, at most 1 KB. Long texts are only in the evidence. */
export const FindingRow = z.object({
  pk: z.string(),
  sk: z.string(),
  status: z.enum(['OPEN', 'WAIVED', 'FIXED']),
  type: z.enum(FINDING_TYPES),
  id: z.string(),
  severity: Severity,
  package: z.string().optional(),
  installedVersion: z.string().optional(),
  fixedVersion: z.string().optional(),
  path: z.string().optional(),
  violates: z.boolean(),
  /** The owner of the waiver, or its key where the verdict does not list it. */
  waivedBy: z.string().optional(),
  /** The last day on which it is waived, in UTC. */
  waivedUntil: z.iso.date().optional(),
  firstSeenAt: z.string(),
  lastSeenAt: z.string(),
  verdictId: z.string(),
  vulnerabilityPk: z.string().optional(),
});
export type FindingRow = z.infer<typeof FindingRow>;

export interface Projection {
  readonly image: string;
  readonly findings: readonly Finding[];
  /** Fingerprints that the verdict refuses. */
  readonly violating: ReadonlySet<string>;
  /** By fingerprint: what the verdict waives. */
  readonly waived: ReadonlyMap<string, WaivedBy>;
  readonly firstSeenAt: ReadonlyMap<string, string>;
  readonly scannedAt: string;
  readonly verdictId: string;
}

/**
 * The rows that must be written so that the table agrees with the verdict. Rows that agree already are not
 * written, so their `lastSeenAt` stays.
 */
export function findingChanges(existing: readonly FindingRow[], wanted: Projection): FindingRow[] {
  const before = new Map(existing.map(row => [row.sk, row]));
  const rows = wanted.findings.map(finding => toRow(finding, wanted));
  const seen = new Set(rows.map(row => row.sk));
  const gone = existing
    .filter(row => !seen.has(row.sk) && row.status !== 'FIXED')
    .map(({ waivedBy: _by, waivedUntil: _until, ...row }) => ({
      ...row,
      status: 'FIXED' as const,
      violates: false,
      verdictId: wanted.verdictId,
    }));
  return [...rows.filter(row => differs(before.get(row.sk), row)), ...gone];
}

function toRow(
  finding: Finding,
  { image, violating, waived, firstSeenAt, scannedAt, verdictId }: Projection,
): FindingRow {
  const short = (text: string | undefined, bytes: number) =>
    text === undefined ? undefined : cutToBytes(text, bytes);
  const id = cutToBytes(finding.id, 48);
  const violates = violating.has(finding.fingerprint);
  // a refused finding is open, even if it is waived for another rule
  const waiver = violates ? undefined : waived.get(finding.fingerprint);
  const optional = {
    package: short(finding.package, 80),
    installedVersion: short(finding.installedVersion, 48),
    fixedVersion: short(finding.fixedVersion, 48),
    path: short(finding.path, 64),
    waivedBy: short(waiver?.who, 40),
    waivedUntil: waiver?.lastDay,
  };
  return {
    pk: image,
    sk: findingSortKey(finding.fingerprint),
    status: waiver === undefined ? 'OPEN' : 'WAIVED',
    type: finding.type,
    id,
    severity: finding.severity,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    violates,
    firstSeenAt: firstSeenAt.get(finding.fingerprint) ?? scannedAt,
    lastSeenAt: scannedAt,
    verdictId,
    ...(finding.type === 'vulnerability' && {
      vulnerabilityPk: vulnerabilityPartition(id, finding.fingerprint),
    }),
  };
}

const COMPARED = [
  'status',
  'severity',
  'package',
  'installedVersion',
  'fixedVersion',
  'path',
  'violates',
  'waivedBy',
  'waivedUntil',
  'firstSeenAt',
] as const;

function differs(before: FindingRow | undefined, after: FindingRow): boolean {
  return before === undefined || COMPARED.some(field => before[field] !== after[field]);
}
