import type { Declared } from './inventory';
import type { Bucket } from '../../../local/vulnerability-database/buckets';
import type { AdvisorySource, Facts } from '../../../local/vulnerability-database/facts';

/** How Trivy's database calls the ecosystem of each kind of file. */
const ECOSYSTEMS: ReadonlyMap<string, string> = new Map([
  ['composer-vendor', 'composer'],
  ['dotnet-core', 'nuget'],
  ['gemspec', 'rubygems'],
  ['gobinary', 'go'],
  ['jar', 'maven'],
  ['node-pkg', 'npm'],
  ['python-pkg', 'pip'],
  ['rustbinary', 'cargo'],
]);

/** Of which every package has one finding: then a file that a scan loses is a finding that it loses. */
const ID = 'TEST-2026-0001';
const SOURCE = { ID: 'test', Name: 'Test', URL: 'https://example.com/test' };

/** By which Red Hat's advisories are chosen: Trivy ends with an error where there is none. */
export const RED_HAT_CONTENT: Bucket = {
  path: ['Red Hat CPE', 'repository'],
  entries: [
    'rhel-6-server-rpms',
    'rhel-7-server-rpms',
    'rhel-8-for-x86_64-baseos-rpms',
    'rhel-9-for-x86_64-baseos-rpms',
  ].map(key => ({ key, value: [0] })),
};

/** A distribution, as its advisories are called, and the source packages that it has. */
export interface Distribution {
  readonly bucket: string;
  readonly sources: readonly string[];
}

/**
 * An advisory for every package that a file of the image declares, in whatever version, and for every source
 * package of the distribution.
 */
export function advisoriesAbout(
  declared: readonly Declared[],
  distributions: readonly Distribution[],
): Facts {
  const names = new Map<string, Set<string>>();
  for (const { kind, packages = [] } of declared) {
    const ecosystem = ECOSYSTEMS.get(kind);
    if (ecosystem === undefined) continue;
    const known = names.get(ecosystem) ?? new Set();
    for (const { name } of packages) if (name !== '') known.add(nameIn(ecosystem, name));
    names.set(ecosystem, known);
  }
  const languages = [...names].map(([ecosystem, packages]): AdvisorySource => ({
    bucket: `${ecosystem}::${SOURCE.Name}`,
    dataSource: SOURCE,
    advisories: [...packages].map(name => ({
      id: ID,
      vendorId: ID,
      package: name,
      vulnerable: [''],
      patched: [],
    })),
  }));
  const systems = distributions.map(({ bucket, sources }): AdvisorySource => ({
    bucket,
    dataSource: SOURCE,
    advisories: sources.map(name => ({ id: ID, package: name, status: 'affected' })),
  }));
  return {
    sources: [...languages, ...systems],
    vulnerabilities: { [ID]: { severity: 'MEDIUM', title: 'every package has this' } },
  };
}

/** As Trivy looks names up (`NormalizePkgName` of its database). */
function nameIn(ecosystem: string, name: string): string {
  if (ecosystem === 'go') return name;
  return ecosystem === 'pip' ? name.toLowerCase().replaceAll('_', '-') : name.toLowerCase();
}
