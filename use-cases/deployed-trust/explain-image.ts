import { askDeployed, type Decided, type DeployedPorts } from './ask';
import { pageKey, policyKey, ScanFile, scanKey, waiversKey } from '../../src/core/evidence/evidence-keys';
import type { Verdict } from '../../src/core/evidence/verdict';
import { imageOf, type ImageName } from '../../src/core/image/image';
import { policyFor } from '../../src/core/policy/policy-set';
import { ruleTitles } from '../../src/core/policy/rule-titles';
import { loadVerdict, type EvidenceReader } from '../evidence/evidence-documents';
import { activeDocument, POLICY } from '../policy/active-document';

export interface ExplainPorts extends DeployedPorts {
  readonly evidence: EvidenceReader & { has(key: string): Promise<boolean> };
}

export interface Explained extends Decided {
  /** Undefined where the image has not been judged. */
  readonly verdict?: Verdict;
  /** How its rules are called. */
  readonly ruleTitles?: readonly string[];
  /** Where the evidence lies. Without `page` where none was found: it is written last. */
  readonly places: Readonly<Record<string, string>>;
}

/** What a gate decides now, and the verdict behind it: the bytes that the register names. */
export async function explainImage(image: ImageName, ports: ExplainPorts, now: Date): Promise<Explained> {
  const decided = await askDeployed(image, ports, now);
  const summary = decided.row.verdict;
  if (summary === undefined) return { ...decided, places: {} };
  const verdict = await loadVerdict(summary, image, ports.evidence);
  return {
    ...decided,
    verdict,
    ruleTitles: await titlesIn(verdict, ports.evidence),
    places: await placesOf(verdict, summary.evidenceKey, ports),
  };
}

/** By the policy that judged; without it, and for an index, whose rules are summed up, by name alone. */
async function titlesIn(
  { image, kind, policy, rules }: Verdict,
  evidence: EvidenceReader,
): Promise<readonly string[]> {
  const names = rules.map(({ rule }) => rule);
  if (kind === 'index' || new Set(names).size === names.length) return names;
  const set = await activeDocument(POLICY, policy, evidence);
  const judged = set.ok ? policyFor(set.value, imageOf(image).repository).rules : [];
  const isThese = judged.map(({ rule }) => rule).join() === names.join();
  return isThese ? ruleTitles(judged) : names;
}

/** An index was not scanned itself: its images were. */
async function placesOf(
  { image, scanId, verdictId, kind, policy, waivers }: Verdict,
  evidenceKey: string,
  { evidence, evidenceBucket }: ExplainPorts,
): Promise<Record<string, string>> {
  const page = pageKey({ image, scanId, verdictId });
  const keys = {
    verdict: evidenceKey,
    ...(kind === 'scan' && {
      ...((await evidence.has(page)) && { page }),
      report: scanKey(image, scanId, ScanFile.report),
      sbom: scanKey(image, scanId, ScanFile.sbom),
    }),
    policy: policyKey(policy.sha256),
    ...(waivers.sha256 !== undefined && { waivers: waiversKey(waivers.sha256) }),
  };
  return Object.fromEntries(
    Object.entries(keys).map(([what, key]) => [what, `s3://${evidenceBucket}/${key}`]),
  );
}
