import * as z from 'zod';
import { defineRule, type Issue } from './rule';
import { fingerprint } from '../../scanning/finding';
import { packageFile, shownFile } from '../../scanning/package-file';
import type { TrivyReport } from '../../scanning/trivy-report';
import { Pattern } from '../../text/glob';
import { nameText, plainText } from '../../text/plain-text';
import { given } from '../../text/problem';
import { compilePurl, packageUrl, partsOf, type PurlPattern } from '../../text/purl';
import { namespaceOf } from '../../text/purl-types';

type Result = NonNullable<TrivyReport['Results']>[number];
type Package = NonNullable<Result['Packages']>[number];

const Denied = Pattern.regex(/^pkg:./, 'a package URL begins with pkg:');

/**
 * Packages that must not be there, vulnerable or not, by their package URL
 * (https://github.com/package-url/purl-spec). A package is denied however its name is written: upper and
 * lower case are the same for every type, although purl-spec tells them apart for some.
 */
export const deniedPackages = defineRule({
  name: 'denied-packages',
  description: 'Refuses packages, vulnerable or not.',
  scanners: ['vuln'],
  parameters: { packages: z.array(Denied).min(1).max(200) },
  mistakes: ({ packages }) =>
    (packages as readonly string[]).flatMap((pattern, index) => {
      const why = matchesNothing(pattern);
      return why === undefined
        ? []
        : [{ path: ['packages', index], message: `${given(pattern)} denies nothing, since ${why}` }];
    }),
  check: ({ report }, { packages }) => {
    const patterns = packages.map(pattern => ({ pattern, purl: compilePurl(pattern, 'wide') }));
    const known = new Map<string, string | undefined>(); // one package can be in thousands of folders
    const issues = new Map<string, Issue>();
    for (const result of report.Results ?? []) {
      for (const each of result.Packages ?? []) {
        const purl = purlOf(each, result);
        if (!known.has(purl)) known.set(purl, deniedBy(patterns, purl));
        const pattern = known.get(purl);
        if (pattern === undefined) continue;
        const issue = issueOf(each, purl, pattern, packageFile(result, each.FilePath));
        issues.set(issue.fingerprint!, issue);
      }
    }
    return { issues: [...issues.values()] };
  },
});

/** A denial of a package that no scanner can report fails open: whoever wrote it believes that it counts. */
function matchesNothing(pattern: string): string | undefined {
  const { segments, rest } = partsOf(pattern);
  const [type = '', ...path] = segments;
  if (type.includes('**')) return undefined; // the star may be name and namespace too
  const name = path.at(-1);
  if (name === undefined) {
    return 'it names no package, allowed: pkg:<type>/<name>; write out the name, or ** for every package of the type';
  }
  const namespace = path.slice(0, -1);
  const needed = namespaceOf(type);
  if (needed === 'required' && namespace.length === 0 && !name.includes('**')) {
    const split = name.replace(/:|%3a|%2f/gi, '/');
    const fix = split === name ? `**/${name}${rest} for every namespace` : `${split}${rest}`;
    return `a package of ${type} has a namespace, allowed: pkg:${type}/<namespace>/<name>; write pkg:${type}/${fix}`;
  }
  // `**/` matches no folder too
  if (needed === 'prohibited' && namespace.some(each => !/^\*{2,}$/.test(each))) {
    return `a package of ${type} has no namespace, allowed: pkg:${type}/<name>; write pkg:${type}/${name}${rest}`;
  }
  return undefined;
}

/** Trivy gives nearly every package one. The others get one from their type, name and version. */
function purlOf({ Name, Version = '', Identifier }: Package, { Type = 'generic' }: Result): string {
  return Identifier?.PURL || `pkg:${Type}/${Name}@${Version}`;
}

/** With its version and without: a pattern without a version denies every version. */
function deniedBy(
  patterns: readonly { readonly pattern: string; readonly purl: PurlPattern }[],
  text: string,
): string | undefined {
  const purl = packageUrl(text, 'wide');
  const ofEveryVersion = { ...purl, base: purl.withoutVersion };
  return patterns.find(each => each.purl.matches(purl) || each.purl.matches(ofEveryVersion))?.pattern;
}

function issueOf({ Name, Version }: Package, purl: string, pattern: string, path = ''): Issue {
  const name = nameText(Name, 100);
  return {
    fingerprint: fingerprint('denied-package', purl, path),
    id: plainText(purl, 200),
    package: name,
    ...(Version !== undefined && Version !== '' && { installedVersion: nameText(Version, 100) }),
    message: `${nameText(purl, 200)} is in ${path === '' ? 'the image' : shownFile(path)}; denied: ${pattern}`,
    remedy: `take ${name} out of the image, or replace it`,
  };
}
