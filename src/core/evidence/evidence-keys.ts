import { imageOf, type ImageName } from '../image/image';

/**
 * Folders of the evidence bucket. No repository name contains `@`, so no image's prefix holds another
 * image's keys.
 */
export const EvidencePrefix = {
  incoming: 'incoming/',
  scans: 'scans/',
  verdicts: 'verdicts/',
  policies: 'policies/',
} as const;

/** Waiver files that were active, beside the policies. */
export const WAIVERS_PREFIX = `${EvidencePrefix.policies}waivers/`;

/** Who released the brake on revocations, and why. */
export const BRAKE_PREFIX = `${EvidencePrefix.policies}brake/`;

/** What a build uploads. Other files in the folder are ignored. */
export const IncomingFile = {
  checksums: 'SHA256SUMS',
  report: 'report.json.gz',
  sbom: 'sbom.cdx.json.gz',
  sarif: 'report.sarif.gz',
  version: 'version.json',
  run: 'run.json',
  errors: 'trivy.err',
  form: 'form.json',
  accounting: 'accounting.json',
} as const;

/** What the evaluator keeps of a scan. */
export const ScanFile = {
  report: 'report.json.gz',
  sbom: 'sbom.cdx.json.gz',
  sarif: 'report.sarif.gz',
  scan: 'scan.json',
} as const;

export function incomingKey(scanId: string, file: string): string {
  return `${EvidencePrefix.incoming}${scanId}/${file}`;
}

export function scanKey(image: ImageName, scanId: string, file: string): string {
  return `${EvidencePrefix.scans}${folder(image)}/${scanId}/${file}`;
}

export function verdictKey(image: ImageName, verdictId: string): string {
  return `${EvidencePrefix.verdicts}${folder(image)}/${verdictId}.json`;
}

interface OfVerdict {
  readonly image: ImageName;
  readonly scanId: string;
  readonly verdictId: string;
}

/** The report of a verdict for people. Of the first verdict of a scan it is `report.html`. */
export function pageKey(verdict: OfVerdict): string {
  return ofVerdict(verdict, 'report', 'html');
}

/** What the image of a verdict is built on, beside its page. There is none if that is not known. */
export function baseKey(verdict: OfVerdict): string {
  return ofVerdict(verdict, 'base', 'json');
}

function ofVerdict({ image, scanId, verdictId }: OfVerdict, name: string, type: string): string {
  return scanKey(image, scanId, verdictId === scanId ? `${name}.${type}` : `${name}.${verdictId}.${type}`);
}

export function policyKey(sha256: string): string {
  return `${EvidencePrefix.policies}${sha256}.json`;
}

export function waiversKey(sha256: string): string {
  return `${WAIVERS_PREFIX}${sha256}.json`;
}

export function brakeReleaseKey(releaseId: string): string {
  return `${BRAKE_PREFIX}${releaseId}.json`;
}

function folder(name: ImageName): string {
  const { account, region, repository, digest } = imageOf(name);
  return `${account}/${region}/${repository}@${digest.slice('sha256:'.length)}`;
}
