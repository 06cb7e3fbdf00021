import type { JudgedImage, ReportContent } from './content';
import { treatmentIn, TREATMENTS, type Treatment } from '../evaluation/treatment';
import { severityRank, type Finding } from '../scanning/finding';
import { compareText } from '../text/compare';

/** A finding once, also where several images of an index have it. */
export interface Listed extends Finding, Treatment {
  /** Of an index: the images that have it. */
  readonly platforms: readonly string[];
}

/** All findings, in the order of what to look at first: what is refused, then the worst severity. */
export function listedFindings({ images, policy }: Pick<ReportContent, 'images' | 'policy'>): Listed[] {
  const listed = new Map<string, Listed>();
  for (const image of images) {
    const treatmentOf = treatmentIn(image.verdict, policy);
    for (const finding of image.findings) {
      const here = { ...finding, ...treatmentOf(finding), platforms: platformsOf(image) };
      const known = listed.get(finding.fingerprint);
      listed.set(finding.fingerprint, known === undefined ? here : together(known, here));
    }
  }
  return [...listed.values()].sort(
    (a, b) =>
      treatmentRank(a) - treatmentRank(b) ||
      severityRank(a.severity) - severityRank(b.severity) ||
      Number(a.fixedVersion === undefined) - Number(b.fixedVersion === undefined) ||
      compareText(a.package ?? '', b.package ?? '') ||
      compareText(a.id, b.id) ||
      compareText(a.fingerprint, b.fingerprint),
  );
}

function platformsOf({ platform }: JudgedImage): readonly string[] {
  return platform === undefined ? [] : [platform];
}

/** What is refused in one image is refused in the index. */
function together(a: Listed, b: Listed): Listed {
  return {
    ...(treatmentRank(b) < treatmentRank(a) ? b : a),
    platforms: [...new Set([...a.platforms, ...b.platforms])],
  };
}

function treatmentRank({ treatment }: Treatment): number {
  return TREATMENTS.indexOf(treatment);
}
