import { packageFile } from './package-file';
import type { TrivyReport } from './trivy-report';

/**
 * Leaves out what the report says of packages of a language in files that are the distribution's own: the
 * distribution's advisories are about them, and say which fixes it took over without a new version. The
 * packages stay in the report. Trivy is told not to decide this itself: it believes a line of text in the
 * image (rule 5.9, what was scanned is what runs).
 */
export function dropDistributionsOwn(report: TrivyReport, files: readonly string[]): TrivyReport {
  if (files.length === 0 || report.Results === undefined) return report;
  const own = new Set(files);
  return {
    ...report,
    Results: report.Results.map(result => {
      const { Packages, Vulnerabilities, Licenses } = result;
      const isOwn = (path: string | undefined) => own.has(packageFile(result, path) ?? '');
      if (result.Class !== 'lang-pkgs' && result.Class !== 'license') return result;
      return {
        ...result,
        ...(Packages !== undefined && {
          Packages: Packages.map(({ Licenses: stated, ...each }) =>
            stated === undefined || isOwn(each.FilePath) ? each : { ...each, Licenses: stated },
          ),
        }),
        ...(Vulnerabilities !== undefined && {
          Vulnerabilities: Vulnerabilities.filter(({ PkgPath }) => !isOwn(PkgPath)),
        }),
        ...(Licenses !== undefined && { Licenses: Licenses.filter(({ FilePath }) => !isOwn(FilePath)) }),
      };
    }),
  };
}
