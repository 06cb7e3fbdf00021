import { Limit } from '../limits';
import { fingerprint, type Finding } from './finding';
import { severityRank } from './severity';
import type { TrivyReport, TrivyVulnerability } from './trivy-report';
import { plainText } from '../text/plain-text';

type ReportResult = NonNullable<TrivyReport['Results']>[number];

/**
 * Every finding of a report once: Trivy lists the same one again for each target that leads to it. Where they
 * differ, the one that more rules refuse counts.
 */
export function normalise(report: TrivyReport): Finding[] {
  const findings = new Map<string, Finding>();
  for (const result of report.Results ?? []) {
    for (const finding of findingsOf(result)) {
      const other = findings.get(finding.fingerprint);
      findings.set(finding.fingerprint, other === undefined ? finding : worse(other, finding));
    }
  }
  return [...findings.values()];
}

function* findingsOf(result: ReportResult): Iterable<Finding> {
  for (const vulnerability of result.Vulnerabilities ?? []) yield fromVulnerability(vulnerability);
  for (const secret of result.Secrets ?? []) {
    const path = shown(result.Target);
    yield {
      type: 'secret',
      fingerprint: fingerprint('secret', secret.RuleID, result.Target, String(secret.StartLine ?? '')),
      id: shown(secret.RuleID),
      severity: secret.Severity,
      title: shown(secret.Title ?? secret.RuleID),
      path,
      remedy: `take the secret out of every layer and revoke it: a later layer that deletes ${path} does not remove it`,
      layer: given(secret.Layer?.Digest),
    };
  }
  for (const check of result.Misconfigurations ?? []) {
    if (check.Status !== undefined && check.Status !== 'FAIL') continue;
    yield {
      type: 'misconfiguration',
      fingerprint: fingerprint('misconfiguration', check.ID, result.Type ?? '', check.Title ?? ''),
      id: shown(check.ID),
      severity: check.Severity,
      title: shown(check.Title ?? check.ID),
      remedy: given(check.Resolution),
      url: given(check.PrimaryURL),
    };
  }
  for (const license of result.Licenses ?? []) {
    yield {
      type: 'license',
      fingerprint: fingerprint('license', license.Name, license.PkgName ?? '', license.FilePath ?? ''),
      id: shown(license.Name),
      severity: license.Severity,
      title: shown(license.Name),
      package: given(license.PkgName),
    };
  }
}

function fromVulnerability(vulnerability: TrivyVulnerability): Finding {
  const {
    VulnerabilityID,
    PkgName,
    PkgPath,
    PkgIdentifier,
    InstalledVersion,
    FixedVersion,
    Status,
    Title,
    PrimaryURL,
  } = vulnerability;
  const purl = PkgIdentifier?.PURL;
  return {
    type: 'vulnerability',
    fingerprint: fingerprint(
      'vulnerability',
      VulnerabilityID,
      purl ?? `${PkgName}@${InstalledVersion ?? ''}`,
      PkgPath ?? '',
    ),
    id: shown(VulnerabilityID),
    severity: vulnerability.Severity,
    title: shown(Title ?? VulnerabilityID),
    package: shown(PkgName),
    purl: given(purl),
    path: given(PkgPath),
    installedVersion: given(InstalledVersion),
    fixedVersion: given(FixedVersion) ?? (Status === 'fixed' ? UNNAMED_FIX : undefined),
    status: given(Status),
    score: highestScore(vulnerability),
    url: given(PrimaryURL),
    layer: given(vulnerability.Layer?.Digest),
  };
}

/**
 * Trivy says "fixed" where a version fixes it (`FillInfo` in `pkg/vulnerability`). Where that version is
 * missing, it is still no finding that nobody can fix.
 */
const UNNAMED_FIX = 'a later version';

/**
 * Sources differ, and so do the versions of CVSS, but 3.x and 4.0 have one scale. That of CVSS 2 is another,
 * so it is no score here.
 */
function highestScore({ CVSS }: TrivyVulnerability): number | undefined {
  if (CVSS === undefined) return undefined;
  let highest: number | undefined;
  for (const { V3Score = -1, V40Score = -1 } of Object.values(CVSS)) {
    // one by one: a function takes some 100,000 arguments and no more
    const score = Math.max(V3Score, V40Score);
    if (score >= 0 && score > (highest ?? -1)) highest = score;
  }
  return highest;
}

/** Plain as it is in nearly every case: only then is the slow path worth skipping. */
const PLAIN = /^[\x20-\x7e]{0,200}$/;

function shown(text: string): string {
  return PLAIN.test(text) ? text : plainText(text, Limit.textCharacters);
}

/** Trivy writes an empty text for nothing. */
function given(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : shown(text);
}

/** The worse severity, that there is a fix if either says so, and the worse score: none is worse than any. */
function worse(a: Finding, b: Finding): Finding {
  const fixedVersion = a.fixedVersion ?? b.fixedVersion;
  const finding = severityRank(b.severity) < severityRank(a.severity) ? b : a;
  const score = a.score === undefined || b.score === undefined ? undefined : Math.max(a.score, b.score);
  return { ...finding, ...(fixedVersion !== undefined && { fixedVersion }), score };
}
