import { hash } from 'crypto';
import { Limit } from '../limits';
import { plainText } from '../plain-text';
import type { Finding } from './finding';
import { severityRank } from './severity';
import type { TrivyReport, TrivyVulnerability } from './trivy-report';

type ReportResult = NonNullable<TrivyReport['Results']>[number];

/** Every finding of a report once: Trivy lists the same one again for each target that leads to it. Where they differ, the one that more rules refuse counts. */
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
  const { VulnerabilityID, PkgName, PkgPath, PkgIdentifier, InstalledVersion, FixedVersion, Status, Title, PrimaryURL } = vulnerability;
  const purl = PkgIdentifier?.PURL;
  return {
    type: 'vulnerability',
    fingerprint: fingerprint('vulnerability', VulnerabilityID, purl ?? `${PkgName}@${InstalledVersion ?? ''}`, PkgPath ?? ''),
    id: shown(VulnerabilityID),
    severity: vulnerability.Severity,
    title: shown(Title ?? VulnerabilityID),
    package: shown(PkgName),
    purl: given(purl),
    path: given(PkgPath),
    installedVersion: given(InstalledVersion),
    fixedVersion: given(FixedVersion),
    status: given(Status),
    url: given(PrimaryURL),
  };
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

/** The worse severity, and that there is a fix if either says so. */
function worse(a: Finding, b: Finding): Finding {
  const fixedVersion = a.fixedVersion ?? b.fixedVersion;
  const finding = severityRank(b.severity) < severityRank(a.severity) ? b : a;
  return fixedVersion === undefined ? finding : { ...finding, fixedVersion };
}

/** 128 bits: with fewer, a pusher could look for a name whose finding takes the place of another one. Each part goes behind its length, since no separator is safe from text that is a stranger's. */
function fingerprint(...parts: string[]): string {
  return hash('sha256', parts.map(part => `${part.length}:${part}`).join(''), 'hex').slice(0, 32);
}
