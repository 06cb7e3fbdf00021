import { Limit } from '../limits';
import { fingerprint, type Finding, severityRank } from './finding';
import { packageFile } from './package-file';
import { SECRET_VARIABLE } from './secret-variable';
import type { TrivyReport, TrivyVulnerability } from './trivy-report';
import { nameText, plainText } from '../text/plain-text';

type ReportResult = NonNullable<TrivyReport['Results']>[number];

/**
 * Every finding of a report once: Trivy repeats a finding for each target that leads to it. If the copies
 * differ, the worse one counts.
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
  for (const vulnerability of result.Vulnerabilities ?? []) yield fromVulnerability(vulnerability, result);
  for (const secret of result.Secrets ?? []) {
    const path = matchedText(result.Target);
    yield {
      type: 'secret',
      fingerprint: fingerprint('secret', secret.RuleID, result.Target, String(secret.StartLine ?? '')),
      id: matchedText(secret.RuleID),
      severity: secret.Severity,
      title: findingText(secret.Title ?? secret.RuleID),
      path,
      remedy: remedyFor(secret.RuleID, path),
      layer: findingTextIfAny(secret.Layer?.Digest),
    };
  }
  for (const check of result.Misconfigurations ?? []) {
    if (check.Status !== undefined && check.Status !== 'FAIL') continue;
    yield {
      type: 'misconfiguration',
      fingerprint: fingerprint('misconfiguration', check.ID, result.Type ?? '', check.Title ?? ''),
      id: matchedText(check.ID),
      severity: check.Severity,
      title: findingText(check.Title ?? check.ID),
      remedy: findingTextIfAny(check.Resolution),
      url: matchedTextIfAny(check.PrimaryURL),
    };
  }
  for (const license of result.Licenses ?? []) {
    yield {
      type: 'license',
      fingerprint: fingerprint('license', license.Name, license.PkgName ?? '', license.FilePath ?? ''),
      id: matchedText(license.Name),
      severity: license.Severity,
      title: findingText(license.Name),
      package: findingTextIfAny(license.PkgName),
    };
  }
}

function remedyFor(rule: string, path: string): string {
  return rule === SECRET_VARIABLE
    ? 'take it out of the Dockerfile and revoke it: whoever can pull the image reads it; give the container its secret when it starts, in ECS by `secrets` from Secrets Manager, and a build by RUN --mount=type=secret'
    : `take the secret out of every layer and revoke it: a later layer that deletes ${path} does not remove it`;
}

function fromVulnerability(vulnerability: TrivyVulnerability, result: ReportResult): Finding {
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
  const path = packageFile(result, PkgPath);
  return {
    type: 'vulnerability',
    fingerprint: fingerprint(
      'vulnerability',
      VulnerabilityID,
      purl ?? `${PkgName}@${InstalledVersion ?? ''}`,
      path ?? '',
    ),
    id: matchedText(VulnerabilityID),
    severity: vulnerability.Severity,
    title: findingText(Title ?? VulnerabilityID),
    package: findingText(PkgName),
    purl: matchedTextIfAny(purl),
    path: matchedTextIfAny(path),
    installedVersion: findingTextIfAny(InstalledVersion),
    fixedVersion: findingTextIfAny(FixedVersion) ?? (Status === 'fixed' ? UNNAMED_FIX : undefined),
    status: findingTextIfAny(Status),
    score: highestScore(vulnerability),
    url: matchedTextIfAny(PrimaryURL),
    layer: findingTextIfAny(vulnerability.Layer?.Digest),
  };
}

/**
 * Trivy's status is "fixed" if a version fixes it (`FillInfo` in `pkg/vulnerability`). If the report lacks
 * that version, the finding still counts as one with a fix.
 */
const UNNAMED_FIX = 'a later version';

/** CVSS 3.x and 4.0 share one scale, so the highest score of all sources counts. CVSS 2 has another scale. */
function highestScore({ CVSS }: TrivyVulnerability): number | undefined {
  if (CVSS === undefined) return undefined;
  let highest: number | undefined;
  for (const { V3Score = -1, V40Score = -1 } of Object.values(CVSS)) {
    // one by one: a call takes at most some 100,000 arguments
    const score = Math.max(V3Score, V40Score);
    if (score >= 0 && score > (highest ?? -1)) highest = score;
  }
  return highest;
}

function findingText(text: string): string {
  return nameText(text, Limit.textCharacters);
}

/** Trivy writes an empty text if there is none. */
function findingTextIfAny(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : findingText(text);
}

/** What waivers name, or what this library links to: an address stays one, and who shows it makes it text. */
function matchedText(text: string): string {
  return plainText(text, Limit.textCharacters);
}

function matchedTextIfAny(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : matchedText(text);
}

/** The worse severity, a fix if either has one, and the worse score: no score is worse than any. */
function worse(a: Finding, b: Finding): Finding {
  const fixedVersion = a.fixedVersion ?? b.fixedVersion;
  const finding = severityRank(b.severity) < severityRank(a.severity) ? b : a;
  const score = a.score === undefined || b.score === undefined ? undefined : Math.max(a.score, b.score);
  return { ...finding, ...(fixedVersion !== undefined && { fixedVersion }), score };
}
