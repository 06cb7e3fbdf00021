import { plainText } from '../../plain-text';
import type { Failure } from '../../scanning/attempt';
import { defineRule, type RuleInput } from '../rule';

/** "No findings" means something only where Trivy could have found any. */
export const coverage = defineRule('coverage', {}, input => {
  const detail = whyNotCovered(input);
  return detail === undefined ? { complaints: [] } : { failure: { cause: 'NOT_COVERED', detail } satisfies Failure };
}, false);

function whyNotCovered({ report, coverage: { unknownRelease } }: RuleInput): string | undefined {
  const os = report.Metadata.OS;
  const packagesOf = (kind: string) =>
    (report.Results ?? []).filter(result => result.Class === kind).reduce((sum, result) => sum + (result.Packages?.length ?? 0), 0);
  const name = os === undefined ? '' : plainText(`${os.Family} ${os.Name}`, 80);
  if (os !== undefined && unknownRelease) return `nothing says that the vulnerability database knows ${name}`;
  if (os !== undefined && packagesOf('os-pkgs') === 0) return `Trivy found ${name} but none of its packages: its package database is missing or unreadable`;
  if (packagesOf('os-pkgs') + packagesOf('lang-pkgs') === 0) return 'Trivy found neither an operating system nor a package of any language in it';
  return undefined;
}
