import {
  HARDENED,
  historyOf,
  OLD_ALPINE,
  PATCHED,
  supportedOs,
  unknownOs,
  unsupportedOs,
} from './ingredients';
import { Content } from '../content';
import { buildImage, ContainerConfig } from '../image';
import { Layer } from '../layer';
import { alpine, dpkgDatabase, OsPackage } from '../os-packages';
import { zip } from '../zip';

function image(layer: Layer, config: ContainerConfig = HARDENED): Promise<Content> {
  return imageOf([layer], config);
}

function imageOf(layers: readonly Layer[], config: ContainerConfig = HARDENED): Promise<Content> {
  return buildImage({ layers, config, history: historyOf(layers.length, config) });
}

function nodePackage(name: string, version: string): Layer {
  return new Layer().file(`app/node_modules/${name}/package.json`, JSON.stringify({ name, version }));
}

function osRelease(id: string, version: string): Layer {
  return new Layer().file('etc/os-release', `ID=${id}\nVERSION_ID=${version}\n`);
}

const sealed = (packages: readonly OsPackage[]) =>
  packages.map(each => ({ ...each, source: `seal-${each.source ?? each.name}` }));

/** Trivy's secret scanner complains of larger files, by their name. */
const LARGE = ' '.repeat(11 * 1024 * 1024);

/**
 * Trivy's warning of a version that it cannot compare quotes the version: longer than what is kept of its
 * last words.
 */
const LONG_VERSION = 'not-a-version-'.repeat(1300);

/** An SPDX document of one package of the operating system, without anything that Trivy needs more. */
function spdx(name: string, version: string): string {
  return JSON.stringify({
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name,
    documentNamespace: `https://example.com/${name}`,
    creationInfo: { creators: ['Tool: example'], created: '2026-01-01T00:00:00Z' },
    packages: [
      {
        SPDXID: 'SPDXRef-package',
        name,
        versionInfo: version,
        downloadLocation: 'NONE',
        externalRefs: [
          {
            referenceCategory: 'PACKAGE-MANAGER',
            referenceType: 'purl',
            referenceLocator: `pkg:deb/debian/${name}@${version}?arch=amd64&distro=debian-13.1`,
          },
        ],
      },
    ],
    relationships: [
      {
        spdxElementId: 'SPDXRef-DOCUMENT',
        relationshipType: 'DESCRIBES',
        relatedSpdxElement: 'SPDXRef-package',
      },
    ],
  });
}

const MINIMIST = 'app/node_modules/minimist/package.json';
const LOG4J = 'app/lib/log4j-core-2.14.1.jar';

const property = (name: string, value: string) => ({ name: `aquasecurity:trivy:${name}`, value });

/** A CycloneDX document by which Trivy knows what another file holds: nothing. */
function emptyApplication(name: string, type: string): string {
  return cycloneDx({
    'bom-ref': 'file',
    type: 'application',
    name,
    properties: [property('Class', 'lang-pkgs'), property('Type', type)],
  });
}

/** One by which a file holds this package. */
function packageIn(file: string, type: string, purl: string): string {
  return cycloneDx({
    'bom-ref': purl,
    type: 'library',
    name: 'ok',
    version: '1.0.0',
    purl,
    properties: [property('PkgType', type), property('FilePath', file)],
  });
}

function cycloneDx(component: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    components: [component],
    dependencies: [{ ref: component['bom-ref'], dependsOn: [] }],
  });
}

/**
 * Images whose files make Trivy find nothing, or less than there is: what names another supplier, another
 * distribution or another release, and what would hide Trivy's own doubts. Each ends in PASS where nobody
 * looks for it.
 */
export const ATTACKS = {
  /** An empty file, and an operating system that ended in 2021 has neither an end nor a vulnerability. */
  'supplier-rapidfort': () =>
    image(unsupportedOs().with(new Layer().file('usr/share/rapidfort/curated.json', ''))),
  /** Root.io's advisories are added to those of Alpine, but the end of life is gone. */
  'supplier-root-io': () => image(alpine('3.11.2', [{ name: 'musl', version: '1.1.24-r10071' }])),
  'supplier-seal': () => image(alpine('3.11.2', sealed(OLD_ALPINE))),
  /** Seal's own npm packages are looked up in Seal's advisories only: this is minimist 0.0.8. */
  'supplier-seal-npm': () => image(supportedOs().with(nodePackage('@seal-security/minimist', '0.0.8'))),
  /**
   * Packages of dpkg, which are compared with the advisories of a distribution that has none for them, nor an
   * end of life.
   */
  'debian-as-wolfi': () => image(osRelease('wolfi', '20230201').with(dpkgDatabase(PATCHED))),
  /** No package database: what is installed says a file that somebody wrote. */
  'debian-by-sbom': () =>
    image(supportedOs([]).with(new Layer().file('opt/debian.spdx.json', spdx('base-files', '13.8')))),
  /** An SBOM in a later layer takes the place of a package that Trivy read, in Trivy's own list. */
  'sbom-over-package': () =>
    imageOf([
      supportedOs().with(nodePackage('minimist', '0.0.8')),
      new Layer().file('srv/app.cdx.json', emptyApplication(MINIMIST, 'node-pkg')),
    ]),
  /** The same, by a name below that of the package: nothing of it is left to see in a report. */
  'sbom-over-key': () =>
    imageOf([
      supportedOs().with(nodePackage('minimist', '0.0.8')),
      new Layer().file('srv/app.cdx.json', emptyApplication(`${MINIMIST}/type:node-pkg`, 'npm')),
    ]),
  /** Trivy reads no archive of which an SBOM in the same layer says what is in it. */
  'sbom-of-archive': () =>
    image(
      supportedOs().with(
        new Layer()
          .file(
            LOG4J,
            zip({
              'META-INF/maven/org.apache.logging.log4j/log4j-core/pom.properties':
                'groupId=org.apache.logging.log4j\nartifactId=log4j-core\nversion=2.14.1\n',
            }),
          )
          .file('srv/app.cdx.json', packageIn(LOG4J, 'jar', 'pkg:maven/com.example/ok@1.0.0')),
      ),
    ),
  /** An SBOM behind a link, where a package database is read that is nothing but a link. */
  'sbom-behind-link': () =>
    imageOf([
      supportedOs().with(nodePackage('minimist', '0.0.8')),
      new Layer()
        .file('srv/notes.txt', emptyApplication(MINIMIST, 'node-pkg'))
        .symlink('var/lib/dpkg/status.d/app.cdx.json', '/srv/notes.txt'),
    ]),
  /** Trivy prefers the release that the repositories name, and of this one it has no advisories. */
  'alpine-of-another-release': () =>
    image(
      alpine('3.22.1', OLD_ALPINE).with(
        new Layer().file('etc/apk/repositories', 'https://mirror.example.com/alpine/v9.99/main\n'),
      ),
    ),
  /**
   * Names that look like the words by which Trivy says that it does not know the release, and enough words
   * after these.
   */
  'eol-list-names': () =>
    image(
      [1, 2, 3, 4].reduce(
        (layer, at) => layer.file(`srv/EOL list ${at}.txt`, LARGE),
        unknownOs().with(nodePackage('minimist', LONG_VERSION)),
      ),
    ),
  /** Root for a runtime that keeps 32 bits of it. */
  'user-4294967296': () => image(supportedOs(), { ...HARDENED, User: '4294967296' }),
} as const satisfies Record<string, () => Promise<Content>>;

export type AttackName = keyof typeof ATTACKS;
export const ATTACK_NAMES = Object.keys(ATTACKS) as AttackName[];
