import type { TrivyReport } from '../../scanning/trivy-report';
import { plainText } from '../../text/plain-text';

/** Suppliers that rebuild packages of others and publish advisories for them, as Trivy 0.74 knows them. */
export const SUPPLIERS = ['rapidfort', 'root.io', 'seal'] as const;
export type Supplier = (typeof SUPPLIERS)[number];

/** Why Trivy asks a supplier's advisories. */
export interface SupplierMark {
  /** Undefined: a supplier that this version does not know, so no policy can trust it. */
  readonly supplier: Supplier | undefined;
  /** What stands in the image: "the package seal-openssl". */
  readonly mark: string;
}

type Package = NonNullable<NonNullable<TrivyReport['Results']>[number]['Packages']>[number];
type Mark = (name: string, version: string) => boolean;

/** `pkg/detector/ospkg/rootio`: by the version of one package. */
const ROOT_IO: ReadonlyMap<string, RegExp> = new Map([
  ['alpine', /-r\d007\d/],
  ['debian', /\.root\.io/],
  ['ubuntu', /\.root\.io/],
]);

/** `pkg/detector/ospkg/seal`: by the name of one package, or of its source. */
const SEAL_FAMILIES: ReadonlySet<string> = new Set([
  'alpine',
  'cbl-mariner',
  'centos',
  'debian',
  'oracle',
  'redhat',
  'ubuntu',
]);

/**
 * `pkg/detector/library/seal`, by ecosystem. Versions of npm, Go and Ruby that end so are Seal's for Trivy
 * only where its database says that Seal has the package. A report does not show this, so here they always
 * are.
 */
const SEAL: Readonly<Record<'maven' | 'pip' | 'npm' | 'go' | 'rubygems', Mark>> = {
  maven: (name, version) => /^seal\.sp\d/.test(name.toLowerCase()) || /\+sp\d+(?:p\d+)?$/.test(version),
  pip: (name, version) =>
    name.toLowerCase().replaceAll('_', '-').startsWith('seal-') || /\+sp\d+(?:p\d+)?$/.test(version),
  npm: (name, version) =>
    name.toLowerCase().startsWith('@seal-security/') || /-sp\d+(?:p\d+)?$/.test(version),
  go: (name, version) =>
    name.startsWith('sealsecurity.io/') || /-sp\d+(?:p\d+)?(?:\+incompatible)?$/.test(version),
  rubygems: (name, version) =>
    name.toLowerCase().startsWith('seal-') || /\.0\.1\.sp\d+(?:p\d+)?$/.test(version),
};

/**
 * Trivy's types of packages, by the ecosystem in whose advisories it looks for them
 * (`pkg/detector/library/driver.go`).
 */
export const ECOSYSTEMS: Readonly<Record<keyof typeof SEAL, readonly string[]>> = {
  maven: ['jar', 'pom', 'gradle', 'sbt'],
  pip: ['pip', 'pipenv', 'poetry', 'pylock', 'python-pkg', 'uv'],
  npm: ['bun', 'javascript', 'node-pkg', 'npm', 'pnpm', 'yarn'],
  go: ['gobinary', 'gomod'],
  rubygems: ['bundler', 'gemspec'],
};

const SEAL_OF: ReadonlyMap<string, Mark> = new Map(
  (Object.keys(SEAL) as (keyof typeof SEAL)[]).flatMap(ecosystem =>
    ECOSYSTEMS[ecosystem].map(type => [type, SEAL[ecosystem]] as const),
  ),
);

/**
 * What in an image makes Trivy use the advisories of another supplier than the maker of its packages: for
 * each supplier the first mark in the report.
 */
export function supplierMarks(report: TrivyReport): SupplierMark[] {
  const marks = new Map<Supplier | undefined, string>();
  const add = (supplier: Supplier | undefined, mark: string) =>
    marks.set(supplier, marks.get(supplier) ?? mark);
  const { Family = '', Supplier: named } = report.Metadata.OS ?? {};
  if (named === 'rapidfort') {
    add('rapidfort', 'the file /usr/share/rapidfort/curated.json');
  } else if (named !== undefined && named !== '') {
    add(
      SUPPLIERS.find(each => each === named),
      `a file of the supplier ${plainText(named, 40)}`,
    );
  }
  for (const { Class, Type = '', Packages = [] } of report.Results ?? []) {
    for (const each of Packages) {
      const supplier =
        Class === 'os-pkgs' ? supplierOfOsPackage(Family, each) : sealOf(Type, each.Name, each.Version ?? '');
      if (supplier !== undefined) {
        add(supplier, `the package ${plainText(`${each.Name} ${each.Version ?? ''}`, 120)}`);
      }
    }
  }
  return [...marks].map(([supplier, mark]) => ({ supplier, mark }));
}

function supplierOfOsPackage(
  family: string,
  { Name, SrcName = '', Version = '', Release = '' }: Package,
): Supplier | undefined {
  if (ROOT_IO.get(family)?.test(`${Version}-${Release}`) === true) return 'root.io';
  return SEAL_FAMILIES.has(family) && [Name, SrcName].some(name => name.toLowerCase().startsWith('seal-'))
    ? 'seal'
    : undefined;
}

/** Whether Trivy takes a package of a language for one of Seal's. */
export function sealOf(type: string, name: string, version: string): 'seal' | undefined {
  return SEAL_OF.get(type)?.(name, version) === true ? 'seal' : undefined;
}
