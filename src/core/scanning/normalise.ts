import { Limit } from '../limits';
import { fingerprint, type Finding, severityRank } from './finding';
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
    const path = findingText(result.Target);
    yield {
      type: 'secret',
      fingerprint: fingerprint('secret', secret.RuleID, result.Target, String(secret.StartLine ?? '')),
      id: findingText(secret.RuleID),
      severity: secret.Severity,
      title: findingText(secret.Title ?? secret.RuleID),
      path,
      remedy: `take the secret out of every layer and revoke it: a later layer that deletes ${path} does not remove it`,
      layer: findingTextIfAny(secret.Layer?.Digest),
    };
  }
  for (const check of result.Misconfigurations ?? []) {
    if (check.Status !== undefined && check.Status !== 'FAIL') continue;
    yield {
      type: 'misconfiguration',
      fingerprint: fingerprint('misconfiguration', check.ID, result.Type ?? '', check.Title ?? ''),
      id: findingText(check.ID),
      severity: check.Severity,
      title: findingText(check.Title ?? check.ID),
      remedy: findingTextIfAny(check.Resolution),
      url: findingTextIfAny(check.PrimaryURL),
    };
  }
  for (const license of result.Licenses ?? []) {
    yield {
      type: 'license',
      fingerprint: fingerprint('license', license.Name, license.PkgName ?? '', license.FilePath ?? ''),
      id: findingText(license.Name),
      severity: license.Severity,
      title: findingText(license.Name),
      package: findingTextIfAny(license.PkgName),
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
    id: findingText(VulnerabilityID),
    severity: vulnerability.Severity,
    title: findingText(Title ?? VulnerabilityID),
    package: findingText(PkgName),
    purl: findingTextIfAny(purl),
    path: findingTextIfAny(PkgPath),
    installedVersion: findingTextIfAny(InstalledVersion),
    fixedVersion: findingTextIfAny(FixedVersion) ?? (Status === 'fixed' ? UNNAMED_FIX : undefined),
    status: findingTextIfAny(Status),
    score: highestScore(vulnerability),
    url: findingTextIfAny(PrimaryURL),
    layer: findingTextIfAny(vulnerability.Layer?.Digest),
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

function findingText(text: string): string {
  return PLAIN.test(text) ? text : plainText(text, Limit.textCharacters);
}

/** Trivy writes an empty text for nothing. */
function findingTextIfAny(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : findingText(text);
}

/** The worse severity, that there is a fix if either says so, and the worse score: none is worse than any. */
function worse(a: Finding, b: Finding): Finding {
  const fixedVersion = a.fixedVersion ?? b.fixedVersion;
  const finding = severityRank(b.severity) < severityRank(a.severity) ? b : a;
  const score = a.score === undefined || b.score === undefined ? undefined : Math.max(a.score, b.score);
  return { ...finding, ...(fixedVersion !== undefined && { fixedVersion }), score };
}
