import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const TRIVY = 'go:github.com/aquasecurity/trivy';

export interface GoldenReport {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly report: {
    readonly SchemaVersion?: number;
    readonly ArtifactType?: string;
    readonly Results?: readonly {
      readonly Vulnerabilities?: readonly { readonly VulnerabilityID: string; readonly Severity: string }[];
      readonly Secrets?: readonly { readonly RuleID: string; readonly Severity: string }[];
    }[];
  };
}

/** The reports in JSON that Trivy's own integration tests expect. Others of its goldens are other formats. */
export function goldenReports(module: string): GoldenReport[] {
  const folder = join(module, 'integration', 'testdata');
  return readdirSync(folder)
    .filter(file => file.endsWith('.json.golden'))
    .map(file => {
      const bytes = readFileSync(join(folder, file));
      return { name: file, bytes, report: JSON.parse(bytes.toString('utf8')) as GoldenReport['report'] };
    })
    .filter(({ report }) => report.SchemaVersion !== undefined);
}
