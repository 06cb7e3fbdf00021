import type { EvaluateContext } from './evaluate-ports';
import { loadScan } from './scan-store';
import { readBase, type BaseAdvice } from '../../src/core/bases/base-advice';
import { baseOf, newerBases } from '../../src/core/bases/base-of';
import { compareBases, knownBy, type ScannedBase } from '../../src/core/bases/compare-bases';
import type { KnownBase, KnownBases } from '../../src/core/bases/known-bases';
import { holds, type Verdict } from '../../src/core/evidence/verdict';
import { imageName, imageOf, sibling, type ImageName } from '../../src/core/image/image';
import { Limit } from '../../src/core/limits';
import type { Policy } from '../../src/core/policy/policy';
import { isGone } from '../../src/core/register/row';
import { baseSplit, type BaseSplit } from '../../src/core/report-page/base-split';
import type { Finding } from '../../src/core/scanning/finding';
import type { TrivyReport } from '../../src/core/scanning/trivy-report';
import { errorText } from '../../src/core/text/error-text';
import { loadVerdict, type EvidenceReader } from '../evidence/evidence-documents';

/** What a trust knows of base images. All of it is read only, and bounded. */
export interface KnownThere {
  readonly bases: { load(): Promise<KnownBases> };
  readonly register: Pick<EvaluateContext['register'], 'load'>;
  readonly evidence: EvidenceReader;
}

export interface BasePorts extends KnownThere {
  readonly urlSuffix: string;
  readonly now: Date;
}

interface Found {
  readonly findings: readonly Finding[];
  readonly policy: Pick<Policy, 'rules'>;
  readonly report: TrivyReport;
}

/**
 * What an image is built on, and on which newer base image it should be built. No verdict depends on it: what
 * cannot be read is unknown, and the answer says why.
 *
 * @param ports undefined where only the policy names base images
 */
export async function splitBase(
  { image, database }: Pick<Verdict, 'image' | 'database'>,
  { findings, policy, report }: Found,
  ports: BasePorts | undefined,
): Promise<BaseSplit | undefined> {
  if (ports === undefined) return baseSplit(report, findings, policy);
  const bases = await read(() => ports.bases.load());
  const registered =
    'unread' in bases ? undefined : baseOf(bases.value, image, report.Metadata.DiffIDs ?? []);
  const split = baseSplit(report, findings, policy, registered);
  if ('unread' in bases) return { ...split, unread: bases.unread };
  const { known } = split ?? {};
  if (known?.base === undefined || known.findings.size === 0) return split;
  const its = findings.filter(({ fingerprint }) => known.findings.has(fingerprint));
  const advice = await read(() => adviseOn(bases.value, known.base!, { findings: its, database }, ports));
  return { ...split, known: { ...known, advice: 'unread' in advice ? advice : advice.value } };
}

interface Present extends Pick<Verdict, 'database'> {
  readonly findings: readonly Finding[];
}

/** The first newer one without some of the findings. If none lacks any, the first one. */
async function adviseOn(
  bases: KnownBases,
  base: KnownBase,
  { findings, database }: Present,
  ports: BasePorts,
): Promise<BaseAdvice> {
  const newer = newerBases(bases, base).slice(0, Limit.newerBases);
  if (newer.length === 0) return {};
  const { verdict } = await ports.register.load(base.image);
  const known = knownBy({ database }, verdict && (await loadVerdict(verdict, base.image, ports.evidence)));
  let first: BaseAdvice = {};
  let reports = 0;
  for (const each of newer) {
    if (reports === Limit.newerBaseReports) break;
    const scanned = await scannedBase(each.base, ports);
    if (scanned === undefined) continue;
    reports += 1;
    const comparison = compareBases(findings, known, scanned);
    if (comparison.gone.length === 0 && first.newer !== undefined) continue;
    const { urlSuffix } = ports;
    const advice = {
      newer: readBase(each, comparison, { index: await trustedIndex(each.base, ports), urlSuffix }),
    };
    if (comparison.gone.length > 0) return advice;
    first = advice;
  }
  return first;
}

/** Its report, if it passes at this moment and is still there. */
async function scannedBase(
  { image }: KnownBase,
  { register, evidence, now }: BasePorts,
): Promise<ScannedBase | undefined> {
  const row = await register.load(image);
  if (row.verdict === undefined || !holds(row.verdict, now) || isGone(row)) return undefined;
  const scan = await loadScan(image, row.verdict.scanId, evidence);
  if (scan === undefined) return undefined;
  const { coverage, database } = scan.record;
  return {
    report: scan.report,
    ...(!coverage.unknownRelease && { databaseUpdatedAt: database.updatedAt }),
  };
}

/** The index that a Dockerfile names, so that builds for other platforms work too. */
async function trustedIndex(
  { image, index }: KnownBase,
  { register, now }: BasePorts,
): Promise<string | undefined> {
  if (index === undefined) return undefined;
  const row = await register.load(indexName(image, index));
  return row.verdict !== undefined && holds(row.verdict, now) && !isGone(row) ? index : undefined;
}

function indexName(image: ImageName, index: string): ImageName {
  return imageName(sibling(imageOf(image), index));
}

async function read<T>(ask: () => Promise<T>): Promise<{ readonly value: T } | { readonly unread: string }> {
  try {
    return { value: await ask() };
  } catch (error) {
    return { unread: errorText(error) };
  }
}
