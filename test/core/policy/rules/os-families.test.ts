import { isReadBy, MANAGER_OF } from '../../../../src/core/policy/rules/os-families';
import { all, blockOf, trivySource } from '../../support/trivy-source';

describe('rule 5.1, hermetic scan: the package managers of operating systems', () => {
  test('every system that the pinned Trivy names has one, and so have its aliases', async () => {
    const source = (await trivySource())('pkg/fanal/types/const.go');
    const systems = all(source, /^\t\w+\s+OSType = "([^"]+)"$/gm).flat();
    const aliases = all(blockOf(source, 'var OSTypeAliases = map[OSType]OSType{'), /^\t"([^"]+)":/gm).flat();
    expect(systems.length).toBeGreaterThan(20);
    expect(aliases.length).toBeGreaterThan(3);
    expect([...MANAGER_OF.keys()].sort()).toEqual([...systems, ...aliases].sort());
  }, 300_000);

  test('each system for which it has advisories is among them, with the type of package URL that Trivy gives it', async () => {
    const source = await trivySource();
    const constants = new Map(
      all(source('pkg/fanal/types/const.go'), /^\t(\w+)\s+OSType = "([^"]+)"$/gm) as [string, string][],
    );
    const drivers = all(
      blockOf(source('pkg/detector/ospkg/detect.go'), 'drivers = map[ftypes.OSType]driver.Driver{'),
      /ftypes\.(\w+):/g,
    ).flat();
    expect(drivers.length).toBeGreaterThan(15);
    const types = new Map(
      all(
        blockOf(source('pkg/purl/purl.go'), 'func purlType(t ftypes.TargetType) string {'),
        /case ((?:ftypes\.\w+,?\s+)*ftypes\.\w+):\s+return (?:packageurl\.Type|packageurlType)(\w+)/g,
      ).flatMap(([names, type]) =>
        all(names!, /ftypes\.(\w+)/g)
          .flat()
          .map(name => [name, type!] as const),
      ),
    );
    const managers: Record<string, string> = {
      Apk: 'apk',
      Debian: 'dpkg',
      RPM: 'rpm',
      Bottlerocket: 'bottlerocket',
    };
    for (const driver of drivers) {
      expect([driver, MANAGER_OF.get(constants.get(driver)!)]).toEqual([
        driver,
        managers[types.get(driver)!],
      ]);
    }
  }, 300_000);

  test('its analysers are those by which Trivy reads package databases', async () => {
    const os = blockOf((await trivySource())('pkg/fanal/analyzer/const.go'), '// OS Package\n');
    const names = all(os, /^\tType\w+\s+Type = "([^"]+)"/gm)
      .flat()
      .slice(0, 6);
    expect(names).toEqual(['apk', 'bottlerocket-inventory', 'dpkg', 'dpkg-license', 'rpm', 'rpm-archive']);
    // dpkg-license finds no package, and rpm-archive is off without a variable that no scan gets
    expect([
      isReadBy('apk', 'apk'),
      isReadBy('dpkg', 'dpkg'),
      isReadBy('rpm', 'rpm'),
      isReadBy('rpmqa', 'rpm'),
      isReadBy('bottlerocket-inventory', 'bottlerocket'),
    ]).not.toContain(false);
  }, 300_000);

  test.each(['dpkg', 'rpm', 'sbom', '', 'constructor', undefined])(
    '%s is not how packages of apk are read',
    analyser => {
      expect(isReadBy(analyser, 'apk')).toBe(false);
    },
  );
});
