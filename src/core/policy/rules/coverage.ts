import { plainText } from '../../plain-text';
import type { Failure } from '../../scanning/attempt';
import { defineRule, type RuleInput } from '../rule';

/** "No findings" means something only where Trivy could have found any. */
export const coverage = defineRule('coverage', {}, input => {
  const detail = whyNotCovered(input);
  return detail === undefined ? { complaints: [] } : { failure: { cause: 'NOT_COVERED', detail } satisfies Failure };
});

function whyNotCovered({ report, coverage: { unknownRelease } }: RuleInput): string | undefined {
  const os = report.Metadata.OS;
  const results = report.Results ?? [];
  const packages = results.filter(result => result.Class === 'os-pkgs').reduce((sum, result) => sum + (result.Packages?.length ?? 0), 0);
  const name = os === undefined ? '' : plainText(`${os.Family} ${os.Name}`, 80);
  if (os !== undefined && unknownRelease) return `the vulnerability database does not know ${name}`;
  if (os !== undefined && packages === 0) return `Trivy found ${name} but none of its packages: its package database is missing or unreadable`;
  const inspected = results.filter(result => result.Class === 'os-pkgs' || result.Class === 'lang-pkgs');
  if (inspected.length === 0) return 'Trivy found neither an operating system nor a package of any language in it';
  return undefined;
}
