import * as z from 'zod';
import { defineRule, type Issue } from './rule';
import { fingerprint } from '../../scanning/finding';
import type { TrivyReport } from '../../scanning/trivy-report';
import { Pattern } from '../../text/glob';
import { plainText } from '../../text/plain-text';
import { compilePurl } from '../../text/purl';

type Result = NonNullable<TrivyReport['Results']>[number];
type Package = NonNullable<Result['Packages']>[number];

const PurlPattern = Pattern.regex(/^pkg:./, 'a package URL begins with pkg:');

/**
 * Packages that must not be there, vulnerable or not, by their package URL
 * (https://github.com/package-url/purl-spec).
 */
export const deniedPackages = defineRule({
  name: 'denied-packages',
  description: 'Refuses packages, vulnerable or not.',
  scanners: ['vuln'],
  parameters: { packages: z.array(PurlPattern).min(1).max(200) },
  check: ({ report }, { packages }) => {
    const patterns = packages.map(pattern => ({ pattern, purl: compilePurl(comparable(pattern)) }));
    const issues = new Map<string, Issue>();
    for (const result of report.Results ?? []) {
      for (const each of result.Packages ?? []) {
        const purl = purlOf(each, result);
        const forms = formsOf(purl);
        const denied = patterns.find(pattern => forms.some(form => pattern.purl.matches(form)));
        if (denied === undefined) continue;
        const issue = issueOf(each, purl, denied.pattern);
        issues.set(issue.fingerprint!, issue);
      }
    }
    return { issues: [...issues.values()] };
  },
});

/** Trivy gives nearly every package one. The others get one from their type, name and version. */
function purlOf({ Name, Version = '', Identifier }: Package, { Type = 'generic' }: Result): string {
  return Identifier?.PURL || `pkg:${Type}/${Name}@${Version}`;
}

/** With its version and without: a pattern without a version denies every version. */
function formsOf(purl: string): string[] {
  const [base] = purl.split(/[?#]/, 1); // before it is decoded: an encoded @ or ? is part of a name
  const at = base!.lastIndexOf('@');
  const hasVersion = at > base!.lastIndexOf('/');
  return hasVersion
    ? [comparable(purl), comparable(base!.slice(0, at) + purl.slice(base!.length))]
    : [comparable(purl)];
}

/**
 * `%40angular` and `@angular` are the same name, and so are `PyYAML` and `pyyaml`: a package is denied
 * however its name is written. Characters that separate the parts of a URL stay encoded.
 */
function comparable(purl: string): string {
  return purl.replace(/(?:%(?!23|25|2f|3f)[0-9a-f]{2})+/gi, decoded).toLowerCase();
}

function decoded(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

function issueOf({ Name, Version, FilePath = '' }: Package, purl: string, pattern: string): Issue {
  const name = plainText(Name, 100);
  return {
    fingerprint: fingerprint('denied-package', purl, FilePath),
    id: plainText(purl, 200),
    package: name,
    ...(Version !== undefined && Version !== '' && { installedVersion: plainText(Version, 100) }),
    message: `${plainText(purl, 200)} is in the image; denied: ${pattern}`,
    remedy: `take ${name} out of the image, or replace it`,
  };
}
