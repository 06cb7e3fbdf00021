import { goldenReports, TRIVY, type GoldenReport } from './golden-reports';
import type { Suite } from './suite';
import { normalise } from '../../src/core/scanning/normalise';
import { readTrivyReport } from '../../src/core/scanning/read-trivy-report';

/** Each report is read, and has the vulnerabilities and secrets that Trivy wrote into it. */
export const trivyReports: Suite = {
  name: 'trivy-reports',
  about: 'Reports of Trivy: they are read, with each vulnerability and secret at its severity',
  authority: "what Trivy's own integration tests expect (`integration/testdata/*.json.golden`)",
  packages: [TRIVY],
  run: async folders => {
    const reports = goldenReports(folders(TRIVY));
    return {
      cases: reports.length,
      disagreements: reports.flatMap(each => {
        const said = whyDifferent(each);
        return said === undefined ? [] : [{ name: each.name, said }];
      }),
    };
  },
};

function whyDifferent({ bytes, report }: GoldenReport): string | undefined {
  const read = readTrivyReport(bytes);
  if (!read.ok) return `${report.ArtifactType}: ${read.error.detail ?? read.error.cause}`;
  const ours = new Set(
    normalise(read.value)
      .filter(({ type }) => type === 'vulnerability' || type === 'secret')
      .map(({ id, severity }) => `${id} ${severity}`),
  );
  const theirs = new Set(
    (report.Results ?? []).flatMap(({ Vulnerabilities = [], Secrets = [] }) => [
      ...Vulnerabilities.map(each => `${each.VulnerabilityID} ${each.Severity}`),
      ...Secrets.map(each => `${each.RuleID} ${each.Severity}`),
    ]),
  );
  const different = [
    ...[...theirs].filter(each => !ours.has(each)).map(each => `lacks ${each}`),
    ...[...ours].filter(each => !theirs.has(each)).map(each => `adds ${each}`),
  ];
  return different.length === 0 ? undefined : different.slice(0, 5).join(', ');
}
