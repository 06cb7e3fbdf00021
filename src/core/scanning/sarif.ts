import { type Finding, type Severity, severityRank } from './finding';
import { sarifMessage } from './sarif-message';

const LEVEL: Record<Severity, string> = {
  CRITICAL: 'error',
  HIGH: 'error',
  MEDIUM: 'warning',
  LOW: 'note',
  UNKNOWN: 'note',
};
/**
 * Code scanning sorts by it:
 * https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
 */
const SECURITY_SEVERITY: Record<Severity, string> = {
  CRITICAL: '9.5',
  HIGH: '8.0',
  MEDIUM: '5.5',
  LOW: '2.0',
  UNKNOWN: '0.0',
};

/**
 * Findings as SARIF 2.1.0. It is not made by `trivy convert`: Trivy's SARIF quotes the secrets that it
 * matched, takes 740 MB for 60,000 findings, and panics on registries with a port.
 */
export function toSarif(findings: readonly Finding[], scanner: { readonly version: string }): object {
  // by id, the worst finding: it speaks for the rule
  const rules = new Map<string, Finding>();
  for (const finding of findings) {
    const worst = rules.get(finding.id);
    if (worst === undefined || severityRank(finding.severity) < severityRank(worst.severity)) {
      rules.set(finding.id, finding);
    }
  }
  const ruleIndex = new Map([...rules.keys()].map((id, index) => [id, index]));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Trivy',
            informationUri: 'https://trivy.dev',
            version: scanner.version,
            rules: [...rules.values()].map(toRule),
          },
        },
        results: findings.map(finding => ({
          ruleId: finding.id,
          ruleIndex: ruleIndex.get(finding.id),
          level: LEVEL[finding.severity],
          message: sarifMessage(toMessage(finding)),
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: toUri(finding.path ?? finding.package ?? 'image') },
                region: { startLine: 1 },
              },
            },
          ],
          partialFingerprints: { trustedImages: finding.fingerprint },
          ...(finding.layer !== undefined && { properties: { layer: finding.layer } }),
        })),
      },
    ],
  };
}

function toRule(finding: Finding): object {
  return {
    id: finding.id,
    shortDescription: sarifMessage(finding.title),
    ...(finding.url?.startsWith('https://') === true && { helpUri: encodeURI(finding.url) }),
    properties: {
      tags: [finding.type, 'security'],
      'security-severity': SECURITY_SEVERITY[finding.severity],
    },
  };
}

function toMessage({ id, severity, package: name, installedVersion, fixedVersion, title }: Finding): string {
  if (name === undefined) return `${severity} ${id}: ${title}`;
  return `${severity} ${id} in ${name} ${installedVersion ?? ''}: ${fixedVersion === undefined ? 'no fix yet' : `fixed in ${fixedVersion}`}`;
}

function toUri(path: string): string {
  return (
    path
      .split('/')
      .filter(part => part !== '')
      .map(encodeURIComponent)
      .join('/') || 'image'
  );
}
