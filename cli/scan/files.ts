import type { ReportContent } from '../../src/core/report-page/content';
import { plainText } from '../../src/core/text/plain-text';
import { UserError } from '../../src/core/user-error';
import type { ScanAnswer } from '../../use-cases/image-scan/answer';
import type { ScanOptions } from '../../use-cases/image-scan/options';
import { inFileNames, platformNames } from '../../use-cases/image-scan/platform-names';
import { sarifOf } from '../../use-cases/image-scan/sarif';
import type { Cli } from '../shell/cli';
import { writeText } from '../shell/write-text';

/** Writes the files that the options name. If one cannot be written, the command fails. */
export async function writeFiles(
  answer: ScanAnswer,
  { sarif, json, sbom, html }: ScanOptions,
  cli: Cli,
): Promise<void> {
  if (sarif === '-') cli.out.printJson(sarifOf(answer));
  else if (sarif !== undefined) await writeText(sarif, JSON.stringify(sarifOf(answer), undefined, 2), cli);
  if (json !== undefined && json !== '-') {
    await writeText(json, JSON.stringify(jsonOf(answer), undefined, 2), cli);
  }
  if (json === '-') cli.out.printJson(jsonOf(answer));
  if (html !== undefined) {
    const { imagePage } = await import('../../src/core/report-page/image-page.js');
    await writeText(html, imagePage(reportOf(answer)), cli);
  }
  if (sbom !== undefined) await writeSboms(answer, sbom, cli);
}

/** For programs. `version` changes when something in it gets another meaning. */
function jsonOf(answer: ScanAnswer): object {
  const {
    outcome,
    title,
    repository,
    digest,
    isDigestMadeUp = false,
    rules,
    policy,
    trivy,
    verdict,
    judged,
    platformErrors,
    notAsked,
    mayHaveGracePeriod,
  } = answer;
  return {
    version: 1,
    outcome,
    target: title,
    digest,
    ...(isDigestMadeUp && { isDigestMadeUp }),
    ...(repository !== undefined && { repository }),
    policy: { name: policy.name, from: rules },
    scanner: { trivy },
    indeterminate: platformErrors,
    rulesNotAsked: notAsked,
    mayHaveGracePeriod,
    images: judged.map(({ image: { platform, descriptor }, verdict: { image: _image, ...of } }) => ({
      platform,
      digest: descriptor.digest,
      ...of,
    })),
    ...(verdict !== undefined && { violationCount: verdict.violationCount, counts: verdict.counts }),
  };
}

function reportOf({ outcome, title, digest, policy, judged, platformErrors }: ScanAnswer): ReportContent {
  const names = platformNames(judged.map(({ image }) => image.platform));
  return {
    outcome,
    title,
    digest,
    policy,
    images: judged.map(({ verdict, findings, base }, at) => ({
      platform: names[at]!,
      verdict,
      findings,
      ...(base !== undefined && { base }),
    })),
    noVerdicts: platformErrors,
  };
}

/** Of an index one file an image: `sbom.linux-arm64.json`. */
async function writeSboms({ judged }: ScanAnswer, file: string, cli: Cli): Promise<void> {
  const names = platformNames(judged.map(({ image }) => image.platform));
  for (const [
    at,
    {
      image: { platform },
      sbom,
    },
  ] of judged.entries()) {
    const name =
      judged.length === 1 ? file : file.replace(/(?=\.[^./\\]*$)|$/, `.${inFileNames(names[at]!)}`);
    if (sbom === undefined) {
      throw new UserError(
        `Trivy made no SBOM of ${plainText(platform, 60)}: leave out --sbom, or run trivy convert by hand to see why`,
      );
    }
    await writeText(name, JSON.stringify(sbom, undefined, 2), cli);
  }
}
