import {
  ECOSYSTEMS,
  sealOf,
  supplierMarks,
  SUPPLIERS,
} from '../../../../src/core/policy/rules/package-suppliers';
import { parsed, rawReport, report } from '../../support/reports';
import { all, blockOf, trivySource } from '../../support/trivy-source';

/** A report with other packages, as Trivy writes them. */
function withPackages(family: string, packages: readonly object[], Supplier?: string) {
  const raw = rawReport('clean');
  raw.Metadata.OS = { Family: family, Name: '1', ...(Supplier !== undefined && { Supplier }) };
  raw.Results = [{ ...raw.Results.find((result: any) => result.Class === 'os-pkgs'), Packages: packages }];
  return parsed(raw);
}

const suppliersOf = (...of: Parameters<typeof withPackages>) =>
  supplierMarks(withPackages(...of)).map(({ supplier }) => supplier);

describe('rule 5.1, hermetic scan: whose advisories Trivy asks', () => {
  test.each(['clean', 'alpine-eol', 'fixable-critical', 'log4shell', 'unfixed-only', 'scratch'])(
    'of %s, those of who made the packages',
    name => {
      expect(supplierMarks(report(name))).toEqual([]);
    },
  );

  test.each([
    ['attacks/supplier-rapidfort', 'rapidfort', 'the file /usr/share/rapidfort/curated.json'],
    ['attacks/supplier-root-io', 'root.io', 'the package musl 1.1.24-r10071'],
    ['attacks/supplier-seal', 'seal', 'the package apk-tools 2.10.4-r3'],
    ['attacks/supplier-seal-npm', 'seal', 'the package @seal-security/minimist 0.0.8'],
  ])('of %s, those of %s, and it names the mark', (name, supplier, mark) => {
    expect(supplierMarks(report(name))).toEqual([{ supplier, mark }]);
  });

  test.each([
    ['debian', { Name: 'a', Version: '1.2.root', Release: '1.root.io.3' }, ['root.io']],
    ['ubuntu', { Name: 'a', Version: '1.2.root.io.3' }, ['root.io']],
    ['debian', { Name: 'a', Version: '1.2', Release: 'root.io' }, []],
    ['debian', { Name: 'a', Version: '1.2-r10071' }, []],
    ['alpine', { Name: 'a', Version: '1.2-r90079' }, ['root.io']],
    ['alpine', { Name: 'a', Version: '1.2-r7' }, []],
    ['alpine', { Name: 'a', Version: '1.2.root.io' }, []],
    ['wolfi', { Name: 'a', Version: '1.2-r10071' }, []],
    ['redhat', { Name: 'SEAL-a', Version: '1' }, ['seal']],
    ['redhat', { Name: 'a', SrcName: 'Seal-a', Version: '1' }, ['seal']],
    ['fedora', { Name: 'seal-a', Version: '1' }, []],
    ['debian', { Name: 'sealed', Version: '1' }, []],
  ] as [string, object, string[]][])('%s: %j is of %j', (family, each, suppliers) => {
    expect(suppliersOf(family, [{ Name: 'b', Version: '1' }, each])).toEqual(suppliers);
  });

  test.each(['acme', 'SEAL', 'constructor'])(
    'a supplier that nobody knows yet is one that nobody can trust: %s',
    name => {
      expect(suppliersOf('debian', [], name)).toEqual([undefined]);
    },
  );

  test('each of several is named', () => {
    expect(
      suppliersOf(
        'alpine',
        [
          { Name: 'seal-a', Version: '1-r10071' },
          { Name: 'seal-b', Version: '1' },
        ],
        'rapidfort',
      ).sort(),
    ).toEqual([...SUPPLIERS]);
  });
});

describe('the suppliers are those of the pinned Trivy', () => {
  let source: (path: string) => string;
  beforeAll(async () => {
    source = await trivySource();
  }, 300_000);

  test('there is no other, neither for systems nor for languages', () => {
    expect(
      all(
        blockOf(source('pkg/detector/ospkg/detect.go'), 'suppliers = []driver.Supplier{'),
        /(\w+)\.Supplier/g,
      ).flat(),
    ).toEqual(['rapidfort', 'rootio', 'seal']);
    expect(
      all(source('pkg/detector/library/all/import.go'), /^\t_ ".*detector\/library\/(\w+)"/gm).flat(),
    ).toEqual(['seal']);
    expect(all(source('pkg/fanal/types/const.go'), /Supplier = "(\w+)"/g).flat()).toEqual([
      'seal',
      'rapidfort',
    ]);
    expect(source('pkg/fanal/analyzer/rapidfort/rapidfort.go')).toContain(
      'curatedFilePath = "usr/share/rapidfort/curated.json"',
    );
  });

  test('systems: the same families, versions and names', () => {
    const rootIo = source('pkg/detector/ospkg/rootio/supplier.go');
    expect(all(rootIo, /MustCompile\(`([^`]+)`\)/g).flat()).toEqual(['\\.root\\.io', '-r\\d007\\d']);
    expect(all(blockOf(rootIo, 'switch osFamily {'), /case ([^:]+):/g).flat()).toEqual([
      'ftypes.Debian, ftypes.Ubuntu',
      'ftypes.Alpine',
    ]);
    const families = all(
      blockOf(source('pkg/detector/ospkg/seal/supplier.go'), 'set.New('),
      /ftypes\.(\w+)/g,
    ).flat();
    expect(families).toEqual(['Alpine', 'CBLMariner', 'CentOS', 'RedHat', 'Debian', 'Oracle', 'Ubuntu']);
    expect(source('pkg/detector/ospkg/seal/seal.go')).toContain(
      'strings.HasPrefix(strings.ToLower(pkg.Name), "seal-") || strings.HasPrefix(strings.ToLower(pkg.SrcName), "seal-")',
    );
  });

  test('languages: the same types of packages', () => {
    const driver = blockOf(
      source('pkg/detector/library/driver.go'),
      'func NewDriver(libType ftypes.LangType) (Driver, bool) {',
    );
    const types = new Map(
      all(source('pkg/fanal/types/const.go'), /^\t(\w+)\s+LangType = "([^"]+)"$/gm) as [string, string][],
    );
    const names: Record<string, keyof typeof ECOSYSTEMS> = {
      Maven: 'maven',
      Pip: 'pip',
      Npm: 'npm',
      Go: 'go',
      RubyGems: 'rubygems',
    };
    const cases = all(driver, /case ((?:ftypes\.\w+,? ?)+):\s+(?:\/\/.*\s+)*eco = ecosystem\.(\w+)/g);
    for (const [ecosystem, ours] of Object.entries(names)) {
      const theirs = cases.find(([, eco]) => eco === ecosystem)![0]!;
      expect(
        all(theirs, /ftypes\.(\w+)/g)
          .flat()
          .map(name => types.get(name))
          .sort(),
      ).toEqual([...ECOSYSTEMS[ours]].sort());
    }
  });

  test("languages: what Trivy's own tests expect, where what may be Seal's is", () => {
    const cases = all(
      source('pkg/detector/library/seal/seal_test.go'),
      /eco:\s+ecosystem\.(\w+),\s+pkgName: "([^"]+)",\s+pkgVer:\s+"([^"]+)",\s+want:\s+library\.(\w+)/g,
    );
    const types: Record<string, string> = {
      Maven: 'jar',
      Pip: 'python-pkg',
      Npm: 'node-pkg',
      Go: 'gobinary',
      RubyGems: 'gemspec',
    };
    expect(cases.length).toBeGreaterThan(20);
    for (const [eco, name, version, want] of cases) {
      expect([eco, name, version, sealOf(types[eco!] ?? 'cargo', name!, version!)]).toEqual([
        eco,
        name,
        version,
        want === 'NoMatch' ? undefined : 'seal',
      ]);
    }
  });
});
