import { imageOf, parseImageName, type ImageName } from './image';
import { failed, ok, type Result } from './result';

/** Where things lie in the evidence bucket. `@` is in no repository name, so no image's prefix holds another image's keys. */
export const EvidencePrefix = { incoming: 'incoming/', scans: 'scans/', verdicts: 'verdicts/', policies: 'policies/' } as const;

/** What a build uploads. Anything else in the folder is ignored. */
export const IncomingFile = {
  checksums: 'SHA256SUMS',
  report: 'report.json.gz',
  sbom: 'sbom.cdx.json.gz',
  sarif: 'report.sarif.gz',
  version: 'version.json',
  run: 'run.json',
  errors: 'trivy.err',
} as const;

/** What the evaluator keeps of a scan. */
export const ScanFile = { report: 'report.json.gz', sbom: 'sbom.cdx.json.gz', sarif: 'report.sarif.gz', scan: 'scan.json' } as const;

export function incomingKey(scanId: string, file: string): string {
  return `${EvidencePrefix.incoming}${scanId}/${file}`;
}

export function scanKey(image: ImageName, scanId: string, file: string): string {
  return `${EvidencePrefix.scans}${folder(image)}/${scanId}/${file}`;
}

export function verdictKey(image: ImageName, verdictId: string): string {
  return `${EvidencePrefix.verdicts}${folder(image)}/${verdictId}.json`;
}

export function policyKey(sha256: string): string {
  return `${EvidencePrefix.policies}${sha256}.json`;
}

/** The image and the verdict that a key belongs to. The body of a verdict must say the same. */
export function parseVerdictKey(key: string): Result<{ image: ImageName; verdictId: string }, string> {
  const [, account, region, repository, hex, verdictId] = /^verdicts\/([^/]+)\/([^/]+)\/(.+)@([0-9a-f]{64})\/([0-9A-Z]{26})\.json$/.exec(key) ?? [];
  const name = `${account}.${region}/${repository}@sha256:${hex}`;
  return verdictId !== undefined && parseImageName(name).ok ? ok({ image: name, verdictId }) : failed(`not the key of a verdict: ${key.slice(0, 300)}`);
}

function folder(name: ImageName): string {
  const { account, region, repository, digest } = imageOf(name);
  return `${account}/${region}/${repository}@${digest.slice('sha256:'.length)}`;
}
