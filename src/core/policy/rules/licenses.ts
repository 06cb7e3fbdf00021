import * as z from 'zod';
import { defineRule, type Issue } from './rule';
import { unavoidable } from './spdx-expression';
import { spdxSpelling } from './spdx-names';
import { fingerprint } from '../../scanning/finding';
import { packageFile, shownFile } from '../../scanning/package-file';
import type { TrivyReport } from '../../scanning/trivy-report';
import { compileGlob, Pattern } from '../../text/glob';
import { nameText, plainText } from '../../text/plain-text';

interface Licensed {
  readonly name: string;
  readonly version?: string | undefined;
  readonly path: string;
  readonly licenses: readonly string[];
}

/**
 * Licences that the policy forbids, by what packages say of themselves. Trivy lists these with the packages,
 * with and without its licence scanner. A package that names no licence is not refused. Trivy splits what
 * Alpine and Debian packages say: "A or B" arrives as A and B, and both count.
 */
export const licenses = defineRule({
  name: 'licenses',
  description: 'Refuses packages under certain licences.',
  scanners: ['vuln'],
  parameters: { forbidden: z.array(Pattern).min(1).max(200) },
  check: ({ report }, { forbidden }) => {
    // the name of a licence has no segments: `*` is any text
    const globs = forbidden
      .flatMap(pattern => [...new Set([pattern, spdxSpelling(pattern)])])
      .map(pattern => compileGlob(pattern.toLowerCase().replace(/\*+/g, '**')));
    const isForbidden = (license: string) => globs.some(glob => glob.matches(license.toLowerCase()));
    const refusedOf = memoised(text => unavoidable(text, isForbidden));
    const issues = new Map<string, Issue>();
    for (const licensed of licensedIn(report)) {
      for (const license of licensed.licenses.flatMap(text => refusedOf(text))) {
        const issue = issueOf(licensed, license, forbidden);
        if (!issues.has(issue.fingerprint!)) issues.set(issue.fingerprint!, issue);
      }
    }
    return { issues: [...issues.values()] };
  },
});

function* licensedIn(report: TrivyReport): Iterable<Licensed> {
  for (const result of report.Results ?? []) {
    const { Packages = [], Licenses = [] } = result;
    for (const { Name, Version, FilePath, Licenses: stated = [] } of Packages) {
      yield { name: Name, version: Version, path: packageFile(result, FilePath) ?? '', licenses: stated };
    }
    for (const { Name, PkgName, FilePath = '' } of Licenses) {
      yield { name: PkgName || FilePath, path: FilePath, licenses: [Name] };
    }
  }
}

function issueOf({ name, version, path }: Licensed, license: string, forbidden: readonly string[]): Issue {
  const shownName = nameText(name, 100);
  const file = path === '' || path === name ? '' : ` (${shownFile(path)})`;
  return {
    fingerprint: fingerprint('license', license, name, path),
    id: plainText(license, 100),
    package: shownName,
    ...(version !== undefined && version !== '' && { installedVersion: nameText(version, 100) }),
    message: `${shownName}${file} has the licence ${nameText(license, 100)}; forbidden: ${listed(forbidden)}`,
    remedy: `replace ${shownName} with something under another licence, or have the finding waived`,
  };
}

function listed(forbidden: readonly string[]): string {
  return (
    forbidden.slice(0, 10).join(', ') + (forbidden.length > 10 ? `, and ${forbidden.length - 10} more` : '')
  );
}

/** Thousands of packages share a few licences. */
function memoised(of: (text: string) => string[]): (text: string) => string[] {
  const known = new Map<string, string[]>();
  return text => {
    const value = known.get(text) ?? of(text);
    known.set(text, value);
    return value;
  };
}
