import * as z from 'zod';
import { isReadBy, MANAGER_OF } from './os-families';
import { supplierMarks, SUPPLIERS, type Supplier } from './package-suppliers';
import { defineRule, type RuleInput } from './rule';
import { AcceptedFile, judgeFiles, tooBroad, UNREAD_KINDS } from './unaccounted-files';
import type { Failure } from '../../scanning/failed-scan';
import { notKept, type TrivyReport } from '../../scanning/trivy-report';
import { nameText, plainText } from '../../text/plain-text';
import { given } from '../../text/problem';

/** Trivy's name for the analyser that reads SBOM files in an image. */
const SBOM = 'sbom';

/** Trivy's name for the family of a system that has packages and no release. */
const NO_FAMILY = 'none';

const MOST_ACCEPTED = 100;

/** A scan of an earlier version of this library. */
const NOT_ACCOUNTED: Failure = {
  cause: 'REPORT_OUTDATED',
  detail:
    'this scan was stored by an earlier version of this library, which did not look for files that declare packages; the image must be scanned again',
};

/**
 * "No findings" means something only where Trivy could have found any, in the advisories of those who made
 * the packages.
 */
export const coverage = defineRule({
  name: 'coverage',
  description:
    'Is indeterminate where Trivy could not have found anything, did not read a file that declares packages, or did not look in the advisories of those who made the packages.',
  scanners: ['vuln'],
  refuses: false,
  parameters: {
    trustedSuppliers: z
      .array(z.enum(SUPPLIERS))
      .min(1)
      .max(SUPPLIERS.length)
      .optional()
      .describe(
        "Suppliers whose advisories may stand in place of the distribution's, and who are believed to fix what has reached its end of life. Without it none.",
      ),
    unreadKinds: z
      .enum(UNREAD_KINDS)
      .optional()
      .describe(
        'What becomes of an image with files that declare packages and that Trivy never reads: warn (the default) reports them, indeterminate ends in ERROR.',
      ),
    accepted: z
      .array(AcceptedFile)
      .min(1)
      .max(MOST_ACCEPTED)
      .optional()
      .describe('Files that declare packages and need not be in the report of Trivy. Without it none.'),
  },
  mistakes: ({ accepted = [] }) =>
    (accepted as readonly AcceptedFile[]).flatMap((entry, index) => {
      const why = tooBroad(entry);
      return why === undefined
        ? []
        : [{ path: ['accepted', index, 'path'], message: `path is ${given(entry.path)}, ${why}` }];
    }),
  check: (input, { trustedSuppliers = [], unreadKinds = 'warn', accepted = [] }) => {
    const detail = whyBlind(input);
    if (detail !== undefined) return notCovered(detail);
    const failure = input.report.Metadata.OS === undefined ? undefined : notKept(input.report, 'analysers');
    if (failure !== undefined) return { failure };
    const misled = whyElsewhere(input.report, trustedSuppliers) ?? whyMixed(input.report);
    if (misled !== undefined) return notCovered(misled);
    const { accounting } = input.coverage;
    return accounting === undefined
      ? { failure: NOT_ACCOUNTED }
      : judgeFiles(accounting, { unreadKinds, accepted, now: input.now });
  },
});

function notCovered(detail: string): { failure: Failure } {
  return { failure: { cause: 'NOT_COVERED', detail } };
}

/** Where Trivy saw nothing. */
function whyBlind({
  report,
  coverage: { unknownRelease, uncomparedVersion },
}: RuleInput): string | undefined {
  const count = (kind: string) => packagesOf(report, kind).length;
  const name = nameOf(report);
  if (report.Metadata.OS?.Family === NO_FAMILY) {
    return 'Trivy found packages of an operating system, and no file that says which one it is; leave the release files of the system in the image, such as etc/os-release and etc/debian_version';
  }
  if (name !== undefined && unknownRelease) {
    return `it is not known whether the vulnerability database covers ${name}, or whether Trivy asked it about that release`;
  }
  if (uncomparedVersion !== undefined) {
    return `Trivy has advisories for a package whose version is "${nameText(uncomparedVersion, 60)}", and cannot compare it with them; install a version that is written as its ecosystem prescribes`;
  }
  if (name !== undefined && count('os-pkgs') === 0) {
    return `Trivy found ${name} but none of its packages: its package database is missing or unreadable`;
  }
  if (count('os-pkgs') + count('lang-pkgs') === 0) {
    return 'Trivy found neither an operating system nor a package of any language in it';
  }
  return undefined;
}

/** Where it looked in the advisories of another supplier, and in no calendar. */
function whyElsewhere(report: TrivyReport, trusted: readonly Supplier[]): string | undefined {
  const found = supplierMarks(report).find(
    ({ supplier }) => supplier === undefined || !trusted.includes(supplier),
  );
  if (found === undefined) return undefined;
  const { supplier, mark } = found;
  const instead = `${mark} makes Trivy use the advisories of ${supplier ?? 'another supplier'}, and ignore those of the maker of the packages and the end of their life`;
  const trust =
    supplier === undefined
      ? ''
      : `, or trust that supplier in the policy (coverage, trustedSuppliers: ${supplier})`;
  return `${instead}; remove it from the image${trust}`;
}

/** Where the packages are not those of the operating system that the image names. */
function whyMixed(report: TrivyReport): string | undefined {
  const { OS } = report.Metadata;
  if (OS === undefined) return undefined;
  const name = nameOf(report)!;
  const manager = MANAGER_OF.get(OS.Family);
  if (manager === undefined) {
    return `the package manager of ${name} is not known, so it cannot be checked that the packages belong to it`;
  }
  const packages = packagesOf(report, 'os-pkgs');
  const listed = packages.filter(({ AnalyzedBy }) => AnalyzedBy !== SBOM);
  const foreign = listed.find(({ AnalyzedBy }) => !isReadBy(AnalyzedBy, manager));
  if (foreign !== undefined) {
    const by = plainText(foreign.AnalyzedBy ?? 'no package manager', 40);
    return (
      `the image says that it is ${name}, whose packages are in ${manager}'s database, but ${plainText(foreign.Name, 80)} is in that of ${by}; ` +
      'let etc/os-release name the operating system of the packages, and leave other package databases out of the image'
    );
  }
  if (listed.length === 0) {
    return `only an SBOM in the image names the packages of ${name}, and whoever built the image may have written it; keep the database of ${manager} in the image`;
  }
  return undefined;
}

function packagesOf({ Results = [] }: TrivyReport, kind: string) {
  return Results.filter(({ Class }) => Class === kind).flatMap(({ Packages = [] }) => Packages);
}

function nameOf({ Metadata: { OS } }: TrivyReport): string | undefined {
  return OS === undefined ? undefined : plainText(`${OS.Family} ${OS.Name}`, 80);
}
