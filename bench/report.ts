import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A report that Trivy wrote, with its first vulnerability over and over, about 1.4 kB each; a quarter is
 * CRITICAL.
 */
export function reportOf(findings: number): Uint8Array {
  interface Raw {
    Results: { Vulnerabilities?: Record<string, unknown>[] }[];
  }
  const report = JSON.parse(
    readFileSync(join(__dirname, '../test/reports/fixable-critical.json'), 'utf8'),
  ) as Raw;
  const result = report.Results.find(({ Vulnerabilities }) => Vulnerabilities !== undefined)!;
  const [template] = result.Vulnerabilities!;
  result.Vulnerabilities = Array.from({ length: findings }, (_, index) => ({
    ...template,
    VulnerabilityID: `CVE-2024-${10_000 + index}`,
    Severity: ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'][index % 4],
  }));
  return Buffer.from(JSON.stringify(report, undefined, 2));
}
