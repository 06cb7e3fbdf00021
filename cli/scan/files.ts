import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ReportContent } from '../../src/core/report-page/content';
import { plainText, quoted } from '../../src/core/text/plain-text';
import { UserError } from '../../src/core/user-error';
import type { ScanAnswer } from '../../use-cases/image-scan/answer';
import type { ScanOptions } from '../../use-cases/image-scan/options';
import { inFileNames, platformNames } from '../../use-cases/image-scan/platform-names';
import { sarifOf } from '../../use-cases/image-scan/sarif';
import type { Cli } from '../shell/cli';
import { asciiJson } from '../stack/answer';

/** Writes the files that the options name. If one cannot be written, the command fails. */
export async function writeFiles(
  answer: ScanAnswer,
  { sarif, json, sbom, html }: ScanOptions,
  cli: Cli,
): Promise<void> {
  if (sarif === '-') cli.out.print(asciiJson(sarifOf(answer)));
  else if (sarif !== undefined) await write(sarif, JSON.stringify(sarifOf(answer), undefined, 2), cli);
  if (json !== undefined && json !== '-') {
    await write(json, JSON.stringify(jsonOf(answer), undefined, 2), cli);
  }
  if (json === '-') cli.out.print(asciiJson(jsonOf(answer)));
  if (html !== undefined) {
    const { imagePage } = await import('../../src/core/report-page/image-page.js');
    await write(html, imagePage(reportOf(answer)), cli);
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
    images: judged.map(({ verdict, findings }, at) => ({ platform: names[at]!, verdict, findings })),
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
    await write(name, JSON.stringify(sbom, undefined, 2), cli);
  }
}

/**
 * Writes where the user says, through links too: they chose the path. `init` writes to paths that they did
 * not choose.
 */
async function write(file: string, text: string, { cwd }: Cli): Promise<void> {
  await writeFile(resolve(cwd, file), `${text}\n`).catch((error: NodeJS.ErrnoException) => {
    throw new UserError(
      `${quoted(file, 300)} cannot be written (${error.code}): check the folder and its permissions`,
    );
  });
}
