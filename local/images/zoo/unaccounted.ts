import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { HARDENED, historyOf, PATCHED, supportedOs, unsupportedOs } from './ingredients';
import { databaseWriter } from '../../vulnerability-database/database';
import { Content } from '../content';
import { buildImage } from '../image';
import { Layer } from '../layer';
import { alpine, OsPackage } from '../os-packages';
import { zip } from '../zip';

type Layers = readonly Layer[] | Promise<readonly Layer[]>;

/** An image whose files declare packages that a scanner may not read. */
export interface Crafted {
  readonly layers: () => Layers;
  /** `CVE-… in package` where it is found. */
  readonly found?: string;
  /** The file that nobody can tell of, or why. */
  readonly notCovered?: string;
  /** Of what passes: the file of a kind that Trivy never reads. */
  readonly warned?: string;
  /** Trivy finds it in some scans, and in others not. */
  readonly byChance?: true;
}

/** The image of some layers. Where several are in one index, each is for a platform of its own. */
export async function craftedImage({ layers }: Pick<Crafted, 'layers'>, variant?: string): Promise<Content> {
  const made = await layers();
  return buildImage({
    layers: made,
    config: HARDENED,
    history: historyOf(made.length, HARDENED),
    platform: { os: 'linux', architecture: 'amd64', ...(variant !== undefined && { variant }) },
  });
}

/** CVE-2014-6271, critical and fixed. */
const SHELLSHOCK: OsPackage = { name: 'bash', version: '4.3-9' };
const IN_BASH = 'CVE-2014-6271 in bash';
const IN_OLD_OPENSSL = 'CVE-2021-3711 in libssl1.1';
const IN_MINIMIST = 'CVE-2021-44906 in minimist';
const IN_LOG4J = 'CVE-2021-44228 in org.apache.logging.log4j:log4j-core';

const STATUS = 'var/lib/dpkg/status';
const APK = 'lib/apk/db/installed';
const PACKAGE = 'app/node_modules/minimist/package.json';
const JAR = 'app/app.jar';

const debian = (...packages: readonly OsPackage[]) => supportedOs([...PATCHED, ...packages]);
const file = (path: string, content: string | Buffer, mode?: number) => new Layer().file(path, content, mode);

/** What it says besides is put in between. */
const minimist = (more = '') => `{"name":"minimist","version":"0.0.8"${more}}`;
const npm = (text: string | Buffer) => on(PACKAGE, text);

const pom = (group: string, artifact: string, version: string) =>
  `groupId=${group}\nartifactId=${artifact}\nversion=${version}\n`;
const LOG4J_POM = pom('org.apache.logging.log4j', 'log4j-core', '2.14.1');
const LOG4J_PLACE = 'META-INF/maven/org.apache.logging.log4j/log4j-core/pom.properties';
const LOG4J = zip({ [LOG4J_PLACE]: LOG4J_POM });
const MANIFEST = 'META-INF/MANIFEST.MF';
/** Longer than a scanner's line. */
const LONG = 'x'.repeat(70 * 1024);

const fatJar = (more: Readonly<Record<string, string | Buffer>>) =>
  zip({
    [MANIFEST]: 'Manifest-Version: 1.0\nMain-Class: Main\n',
    'Main.class': 'nothing to run',
    'BOOT-INF/lib/log4j-core-2.14.1.jar': LOG4J,
    ...more,
  });

const osRelease = (id: string, version: string) => `ID=${id}\nVERSION_ID=${version}\n`;
/** Of a distribution that has no end of life. */
const wolfi = (...packages: readonly OsPackage[]) =>
  new Layer().file('etc/os-release', osRelease('wolfi', '20230201')).file(APK, apkDatabase(packages));

const OLD_OPENSSL = { name: 'libssl3', version: '3.5.0-r0', source: 'openssl' };
const IN_OPENSSL = 'TEST-0002 in libssl3';
const OPENSSL = { name: 'libssl3', version: '3.5.2-r0', source: 'openssl' };

function apkDatabase(packages: readonly OsPackage[]): string {
  return packages
    .map(
      ({ name, version, source = name }) =>
        `P:${name}\nV:${version}\nA:x86_64\nT:${name}\no:${source}\nL:MIT\n`,
    )
    .join('\n');
}

const MAINTAINER = 'Maintainer: Packagers <packagers@example.com>';

function stanza({ name, version }: OsPackage, ...more: readonly string[]): string {
  const fields = ['Status: install ok installed', 'Architecture: amd64', `Version: ${version}`, ...more];
  return [`Package: ${name}`, ...fields, ''].join('\n');
}

/** The database of dpkg, and behind it one more package, as a text. */
function debianWith(text: string): Layer {
  return debian().with(file(STATUS, `${PATCHED.map(each => stanza(each)).join('\n')}\n${text}`));
}

/** A document by which a file holds something that is harmless. */
function claimOf(path: string): object {
  const property = (name: string, value: string) => ({ name: `aquasecurity:trivy:${name}`, value });
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    components: [
      {
        'bom-ref': 'ok',
        type: 'library',
        name: 'ok',
        version: '1',
        purl: 'pkg:maven/com.example/ok@1',
        properties: [property('PkgType', 'jar'), property('FilePath', path)],
      },
    ],
    dependencies: [],
  };
}

/** The package of a system, with the files that it lists. */
function owned(of: OsPackage, files: Readonly<Record<string, string | Buffer>>): Layer {
  const layer = debian(of);
  const lines = Object.entries(files).map(([path, content]) => {
    layer.file(path, content, 0o755);
    return `${createHash('md5').update(content).digest('hex')}  ${path}\n`;
  });
  return layer.file(`var/lib/dpkg/info/${of.name}.md5sums`, lines.join(''));
}

const FIXTURES = join(__dirname, '..', '..', '..', 'normal-form', 'books', 'testdata');
/** A database that rpm wrote. */
const rpmDatabase = () => gunzipSync(readFileSync(join(FIXTURES, 'rpm', 'sqlite.gz')));
/** A jar as Maven packs it, without what is known to be vulnerable. */
const realJar = () => readFileSync(join(FIXTURES, 'real.jar'));
/** An ELF program that Go built of several modules. */
const goProgram = async () => readFileSync(await databaseWriter());

const amazon = (database: Buffer) =>
  new Layer()
    .file('etc/system-release', 'Amazon Linux release 2023 (Amazon Linux)\n')
    .file('etc/os-release', 'ID="amzn"\nNAME="Amazon Linux"\nVERSION_ID="2023"\n')
    .file('var/lib/rpm/rpmdb.sqlite', database);

/** One more package, that stands in the log of SQLite and not in its file yet. */
const LOG_OF_SQLITE = `
import os, shutil, sqlite3, sys
path = sys.argv[1]
database = sqlite3.connect(path)
database.execute("PRAGMA journal_mode=WAL")
database.execute("INSERT INTO Packages (blob) SELECT blob FROM Packages LIMIT 1")
database.commit()
shutil.copy(path, path + ".kept")
shutil.copy(path + "-wal", path + ".log")
database.close()
`;

function withLog(): Layer {
  const folder = mkdtempSync(join(tmpdir(), 'rpm-'));
  try {
    const path = join(folder, 'rpmdb.sqlite');
    writeFileSync(path, rpmDatabase());
    execFileSync('python3', ['-c', LOG_OF_SQLITE, path]);
    return amazon(readFileSync(`${path}.kept`)).file(
      'var/lib/rpm/rpmdb.sqlite-wal',
      readFileSync(`${path}.log`),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const CLEAN = file('app/node_modules/ok/package.json', '{"name":"ok","version":"1.0.0"}');

/** A system that Trivy does not know, with its packages, and one package of npm. */
const strange = (id: string, layer: Layer) =>
  layer.file('etc/os-release', `ID=${id}\nNAME=${id}\nVERSION_ID=1\n`).with(CLEAN);

const METADATA = 'usr/lib/python3/site-packages/Django-3.2.0.dist-info/METADATA';
const DJANGO = 'Metadata-Version: 2.1\nName: Django\nVersion: 3.2.0\n';
const IN_DJANGO = 'TEST-0005 in Django';
const IN_RACK = 'TEST-0006 in rack';
const IN_ACME_HTTP = 'TEST-0007 in acme/http';
const IN_ACME_JSON = 'TEST-0008 in Acme.Json';
const RACK = 'Gem::Specification.new do |s|\n  s.name = "rack".freeze\n  s.version = "1.0"\nend\n';
const SPECIFICATIONS = 'usr/lib/ruby/gems/3.3.0/specifications';
const COMPOSER = 'app/vendor/composer/installed.json';
const ACME_HTTP = '{"packages":[{"name":"acme/http","version":"1.0.0"}]}';
const DEPS =
  '{"runtimeTarget":{"name":"n"},"targets":{"n":{"Acme.Json/1.0.0":{"runtime":{"a.dll":{}}}}},"libraries":{"Acme.Json/1.0.0":{"type":"package"}}}';

/** A file of a supported system without anything else. */
const on = (path: string, content: string | Buffer, mode?: number) => [
  supportedOs().with(file(path, content, mode)),
];

/** A file that has its name by a link only. */
const linked = (path: string, content: string) => [
  supportedOs().with(file('opt/another-name', content).symlink(path, '/opt/another-name')),
];

/** A folder that has its name by a link only. */
const linkedFolder = (folder: string, name: string, content: string) => [
  supportedOs().with(file(`opt/another-name/${name}`, content).symlink(folder, '/opt/another-name')),
];

/** What begins as a program of Windows. */
function windowsProgram(): Buffer {
  const program = Buffer.alloc(256);
  program.write('MZ');
  program.writeUInt32LE(128, 60);
  program.write('PE\0\0', 128, 'latin1');
  return program;
}

/** What begins as a program of Linux. */
function linuxProgram(): Buffer {
  const program = Buffer.alloc(64);
  program.write('\x7fELF\x02\x01\x01', 'latin1');
  return program;
}

const SCRIPT = Buffer.from('#!/bin/sh\nexec java -jar "$0"\n');
const deep = (jars: number): Buffer => (jars === 0 ? LOG4J : zip({ 'a.jar': deep(jars - 1) }));

function debianRelease(): string {
  return 'NAME="Debian GNU/Linux"\nID=debian\nVERSION_ID="13"\n';
}

/**
 * The images by which a report of Trivy was found not to be about the whole image. Each passed once, or by
 * luck, or for those who knew how.
 */
export const UNACCOUNTED = {
  // 1. layers that nobody sees speak
  'echo-in-a-layer-between': {
    layers: () => [
      debian(SHELLSHOCK),
      file('usr/lib/os-release', osRelease('echo', '1')),
      new Layer().whiteout('usr/lib/os-release'),
    ],
    found: IN_BASH,
  },
  'alpine-3.22-below-3.11': {
    layers: () => [alpine('3.22.1', [OPENSSL]), unsupportedOs()],
    found: IN_OLD_OPENSSL,
  },
  'wolfi-below-alpine-3.11': {
    layers: () => [wolfi(OPENSSL), unsupportedOs()],
    found: IN_OLD_OPENSSL,
  },
  'list-of-files-deleted-later': {
    layers: () => [
      owned(
        { name: 'zlib1g', version: '1:1.3.dfsg+really1.3.1-1', source: 'zlib' },
        { [PACKAGE]: minimist() },
      ),
      new Layer().whiteout('var/lib/dpkg/info/zlib1g.md5sums'),
    ],
    found: IN_MINIMIST,
  },
  'list-of-files-covered-later': {
    layers: () => [
      owned(
        { name: 'zlib1g', version: '1:1.3.dfsg+really1.3.1-1', source: 'zlib' },
        { [PACKAGE]: minimist() },
      ),
      file('var/lib/dpkg/info/zlib1g.md5sums', ''),
    ],
    found: IN_MINIMIST,
  },
  'bottlerocket-that-nobody-reads': {
    layers: () => [
      debian(SHELLSHOCK).with(
        file(
          'x86_64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release',
          'NAME=Bottlerocket\nID=bottlerocket\nVERSION_ID="1.20.0"\n',
        ),
      ),
    ],
    notCovered: 'it is bottlerocket 1.20.0, whose packages are in',
  },
  'release-deleted-by-a-layer': {
    layers: () => [debian(SHELLSHOCK), new Layer().whiteout('etc/debian_version')],
    notCovered: 'no file that says which one it is',
  },

  // 2. luck
  'two-release-files-in-a-layer': {
    layers: () => [debian(SHELLSHOCK).with(file('usr/lib/os-release', osRelease('wolfi', '20230201')))],
    notCovered: 'it is wolfi 20230201, whose packages are in',
  },
  'status.d-beside-status': {
    layers: () => [
      debian(SHELLSHOCK).with(file('var/lib/dpkg/status.d/bash', stanza(SHELLSHOCK, 'Source: netbase'))),
    ],
    found: IN_BASH,
    notCovered: 'var/lib/dpkg/status.d/bash',
    byChance: true,
  },
  'second-database-of-apk': {
    layers: () => [
      wolfi(OLD_OPENSSL).with(
        file('usr/lib/apk/db/installed', apkDatabase([{ ...OLD_OPENSSL, source: 'decoy' }])),
      ),
    ],
    found: IN_OPENSSL,
    notCovered: 'usr/lib/apk/db/installed',
  },
  'two-content-sets-in-a-layer': {
    layers: () => [
      supportedOs().with(
        new Layer()
          .file('root/buildinfo/content_manifests/a.json', '{"content_sets":["rhel-9-baseos"]}')
          .file('root/buildinfo/content_manifests/b.json', '{"content_sets":["another"]}'),
      ),
    ],
    notCovered: 'root/buildinfo/content_manifests/b.json',
  },

  // 3. a database that the package manager reads otherwise
  'journal-of-dpkg': {
    layers: () => [debian().with(file('var/lib/dpkg/updates/0000', stanza(SHELLSHOCK)))],
    notCovered: STATUS,
  },
  'selected-for-removal': {
    layers: () => [debianWith(stanza(SHELLSHOCK).replace('install ok', 'deinstall ok'))],
    notCovered: STATUS,
  },
  'paragraph-of-200-kib': {
    layers: () => [
      debianWith(stanza(SHELLSHOCK, `Description: bash\n${` ${'x'.repeat(70)}\n`.repeat(2900)}`)),
    ],
    notCovered: 'none of its packages',
  },
  'line-of-apk-of-70-kib': {
    layers: () => [wolfi().with(file(APK, `P:a\nV:1-r0\nT:${LONG}\no:a\n\n${apkDatabase([OLD_OPENSSL])}`))],
    notCovered: APK,
  },
  'log-of-sqlite': { layers: () => [withLog()], notCovered: 'var/lib/rpm/rpmdb.sqlite' },
  'database-behind-proc': {
    layers: () => [
      debian().with(file('opt/db', stanza(SHELLSHOCK)).symlink(STATUS, '/proc/self/cwd/opt/db')),
    ],
    notCovered: 'none of its packages',
  },
  'name-with-our-suffix': {
    layers: () => [
      debian().with(
        new Layer()
          .file('opt/db.cdx', `${PATCHED.map(each => stanza(each)).join('\n')}\n${stanza(SHELLSHOCK)}`)
          .file('opt/db.cdx.moved', PATCHED.map(each => stanza(each)).join('\n'))
          .symlink(STATUS, '/opt/db.cdx'),
      ),
    ],
    found: IN_BASH,
  },

  // 4. errors of parsers that are logged and forgotten
  'dependencies-of-objects': {
    layers: () => npm(minimist(',"devDependencies":{"a":{"b":"c"}}')),
    notCovered: PACKAGE,
  },
  'dependencies-as-a-list': { layers: () => npm(minimist(',"dependencies":["a"]')), notCovered: PACKAGE },
  'byte-order-mark': { layers: () => npm(`\ufeff${minimist()}`), notCovered: PACKAGE },
  'version-twice': {
    layers: () => npm('{"name":"minimist","version":8,"version":"0.0.8"}'),
    notCovered: PACKAGE,
  },
  'pom-with-a-line-of-70-kib': {
    layers: () => [
      supportedOs().with(
        file(JAR, fatJar({ 'META-INF/maven/a/b/pom.properties': `#${LONG}\n${pom('a', 'b', '1')}` })),
      ),
    ],
    notCovered: JAR,
  },
  'manifest-with-a-line-of-70-kib': {
    layers: () => [
      supportedOs().with(file(JAR, fatJar({ [MANIFEST]: `Manifest-Version: 1.0\nX: ${LONG}\n` }))),
    ],
    notCovered: JAR,
  },
  'metadata-with-a-leading-space': {
    layers: () => on(METADATA, ` ${DJANGO}`),
    notCovered: METADATA,
  },

  // 5. a file that is two things
  'jar-behind-a-program': {
    layers: async () => [supportedOs().with(file(JAR, Buffer.concat([await goProgram(), LOG4J]), 0o755))],
    found: IN_LOG4J,
  },
  'jar-behind-a-program-that-nobody-may-run': {
    layers: async () => [supportedOs().with(file(JAR, Buffer.concat([await goProgram(), LOG4J]), 0o644))],
    found: IN_LOG4J,
  },

  // 6. systems that Trivy does not know
  arch: {
    layers: () => [
      strange(
        'arch',
        file('var/lib/pacman/local/openssl-1.0.1-1/desc', '%NAME%\nopenssl\n\n%VERSION%\n1.0.1-1\n'),
      ),
    ],
    notCovered: 'etc/os-release',
  },
  openwrt: {
    layers: () => [
      strange('openwrt', file('usr/lib/opkg/status', stanza({ name: 'libopenssl', version: '1.0.1' }))),
    ],
    notCovered: 'etc/os-release',
  },
  void: {
    layers: () => [strange('void', file('var/db/xbps/pkgdb-0.38.plist', '<plist><dict/></plist>\n'))],
    notCovered: 'etc/os-release',
  },
  'void-without-a-release': {
    layers: () => [file('var/db/xbps/pkgdb-0.38.plist', '<plist><dict/></plist>\n').with(CLEAN)],
    notCovered: 'var/db/xbps/pkgdb-0.38.plist',
  },
  'apk-3': {
    layers: () => [
      file('etc/os-release', osRelease('wolfi', '20230201'))
        .with(file('lib/apk/db/installed.adb', 'ADB.pkg'))
        .with(CLEAN),
    ],
    notCovered: 'none of its packages',
  },

  // 8. packages that are not the distribution's
  'log4j-in-a-package-of-acme': {
    layers: () => [owned({ name: 'acme', version: '1.0' }, { 'opt/acme/log4j-core.jar': LOG4J })],
    found: IN_LOG4J,
  },
  'program-in-a-package-of-acme': {
    layers: async () => [owned({ name: 'acme', version: '1.0' }, { 'usr/bin/acme': await goProgram() })],
    found: 'TEST-0001 in go.etcd.io/bbolt',
  },
  'package-with-an-address-of-debian': {
    layers: () => [
      owned(
        { name: 'acme-tools', version: '1.0', maintainer: 'Debian Tools <tools@lists.debian.org>' },
        { [PACKAGE]: minimist() },
      ),
    ],
    found: IN_MINIMIST,
  },
} as const satisfies Record<string, Crafted>;

/** Of the same classes, at other places and of other kinds. */
export const ELSEWHERE = {
  'second-database-through-a-link': {
    layers: () => [
      debian().with(file('opt/x', stanza(SHELLSHOCK)).symlink('var/lib/dpkg/status.d/bash', '/opt/x')),
    ],
    found: IN_BASH,
  },
  'journal-through-a-link': {
    layers: () => [
      debian().with(file('opt/u/0000', stanza(SHELLSHOCK)).symlink('var/lib/dpkg/updates', '/opt/u')),
    ],
    notCovered: STATUS,
  },
  'database-behind-proc-root': {
    layers: () => [debian().with(file('opt/x', stanza(SHELLSHOCK)).symlink(STATUS, '/proc/self/root/opt/x'))],
    found: IN_BASH,
  },
  'database-beside-one-with-a-space': {
    layers: () => [debian(SHELLSHOCK).with(file(`${STATUS} `, ''))],
    found: IN_BASH,
  },
  'database-with-fields-in-lower-case': {
    layers: () => [debianWith(stanza(SHELLSHOCK).toLowerCase())],
    found: IN_BASH,
  },
  'database-with-crlf': {
    layers: () => [debianWith(stanza(SHELLSHOCK).replaceAll('\n', '\r\n'))],
    found: IN_BASH,
  },
  'database-with-a-zero-byte': {
    layers: () => [debianWith(stanza(SHELLSHOCK, 'X: a\0b'))],
    notCovered: STATUS,
  },
  'package-behind-the-end-of-file-of-dos': {
    layers: () => [
      debianWith(
        `${stanza({ name: 'a', version: '1' }, 'Description: d\x1a\x1a').trimEnd()}${stanza(SHELLSHOCK)}`,
      ),
    ],
    notCovered: STATUS,
  },
  'apk-database-with-crlf': {
    layers: () => [wolfi().with(file(APK, apkDatabase([OLD_OPENSSL]).replaceAll('\n', '\r\n')))],
    found: IN_OPENSSL,
  },
  'os-release-with-quotes': {
    layers: () => [debian(SHELLSHOCK).with(file('etc/os-release', 'ID="deb""ian"\nVERSION_ID=13\n'))],
    found: IN_BASH,
  },
  'os-release-with-a-blank-in-front': {
    layers: () => [debian(SHELLSHOCK).with(file('etc/os-release', 'ID=debian\nVERSION_ID=13\n ID=wolfi\n'))],
    notCovered: 'wolfi 13',
  },
  'version-in-capitals': { layers: () => npm(minimist(',"Version":"9.9.9"')), notCovered: PACKAGE },
  'package.json-by-a-link': { layers: () => linked(PACKAGE, minimist()), found: IN_MINIMIST },
  'package-in-a-linked-folder': {
    layers: () => linkedFolder('app/node_modules/minimist', 'package.json', minimist()),
    found: IN_MINIMIST,
  },
  'metadata-by-a-link': { layers: () => linked(METADATA, DJANGO), found: IN_DJANGO },
  'metadata-in-a-linked-folder': {
    layers: () => linkedFolder(METADATA.replace('/METADATA', ''), 'METADATA', DJANGO),
    found: IN_DJANGO,
  },
  'metadata-with-crlf': {
    layers: () => on(METADATA, DJANGO.replaceAll('\n', '\r\n')),
    found: IN_DJANGO,
  },
  'metadata-with-a-version-that-nobody-compares': {
    layers: () => on(METADATA, DJANGO.replace('3.2.0', '3.2.0-x.y')),
    notCovered: '"3.2.0-x.y"',
  },
  'metadata-with-cr': { layers: () => on(METADATA, DJANGO.replaceAll('\n', '\r')), notCovered: METADATA },
  'metadata-with-two-names': {
    layers: () => on(METADATA, DJANGO.replace('Name', 'Name: ok\nName')),
    notCovered: METADATA,
  },
  'metadata-behind-a-line-of-140-kib': {
    layers: () => on(METADATA, `Summary: ${LONG}${LONG}\n${DJANGO}`),
    found: IN_DJANGO,
  },
  'metadata-in-capitals': {
    layers: () => on('usr/lib/python3/site-packages/DJANGO-3.2.0.DIST-INFO/METADATA', DJANGO),
    notCovered: 'DJANGO-3.2.0.DIST-INFO/METADATA',
  },
  'egg-info-as-a-file': {
    layers: () => on('usr/lib/python3/site-packages/Django-3.2.0.egg-info', DJANGO),
    found: IN_DJANGO,
  },
  'egg-behind-a-program': {
    layers: async () =>
      on(
        'app/Django-3.2.0-py3.egg',
        Buffer.concat([await goProgram(), zip({ 'EGG-INFO/PKG-INFO': DJANGO })]),
        0o755,
      ),
    found: IN_DJANGO,
  },
  'egg-of-another-name': {
    layers: () => on('app/library.bin', zip({ 'EGG-INFO/PKG-INFO': DJANGO })),
    notCovered: 'app/library.bin',
  },
  'jar-behind-a-portable-executable': {
    layers: () => on(JAR, Buffer.concat([windowsProgram(), LOG4J]), 0o755),
    found: IN_LOG4J,
  },
  'jar-behind-a-script': { layers: () => on(JAR, Buffer.concat([SCRIPT, LOG4J]), 0o755), found: IN_LOG4J },
  'jar-behind-a-script-of-another-name': {
    layers: () => on('app/start', Buffer.concat([SCRIPT, LOG4J]), 0o755),
    notCovered: 'app/start',
  },
  'jar-with-a-space-behind-its-name': { layers: () => on(`${JAR} `, LOG4J), notCovered: JAR },
  'jar-by-a-link': {
    layers: () => [supportedOs().with(file('opt/another-name', LOG4J).symlink(JAR, '/opt/another-name'))],
    notCovered: 'opt/another-name',
  },
  'pom-with-a-byte-order-mark-in-a-war': {
    layers: () =>
      on('app/app.war', zip({ 'WEB-INF/lib/a.jar': zip({ [LOG4J_PLACE]: `\ufeff${LOG4J_POM}` }) })),
    notCovered: 'app/app.war/WEB-INF/lib/a.jar',
  },
  'jars-in-jars': { layers: () => on(JAR, deep(7)), found: IN_LOG4J },
  'sbom-that-claims-a-jar': {
    layers: () => [supportedOs(), file(JAR, LOG4J), file('srv/app.cdx.json', JSON.stringify(claimOf(JAR)))],
    found: IN_LOG4J,
  },
  'packages-of-composer-twice': {
    layers: () =>
      on(COMPOSER, `${ACME_HTTP.slice(0, -1)},"packages":[{"name":"acme/ok","version":"1.0.0"}]}`),
    notCovered: COMPOSER,
  },
  'packages-of-composer-in-capitals': {
    layers: () => on(COMPOSER, `${ACME_HTTP.slice(0, -1)},"PACKAGES":[]}`),
    found: IN_ACME_HTTP,
  },
  'list-of-composer-by-a-link': { layers: () => linked(COMPOSER, ACME_HTTP), found: IN_ACME_HTTP },
  'specification-with-a-computed-name': {
    layers: () => on(`${SPECIFICATIONS}/rack-1.0.gemspec`, RACK.replace('"rack"', '"ra" + "ck"')),
    notCovered: `${SPECIFICATIONS}/rack-1.0.gemspec`,
  },
  'specification-by-a-link': {
    layers: () => linked(`${SPECIFICATIONS}/rack-1.0.gemspec`, RACK),
    found: IN_RACK,
  },
  'specification-in-a-linked-folder': {
    layers: () => linkedFolder(SPECIFICATIONS, 'rack-1.0.gemspec', RACK),
    found: IN_RACK,
  },
  'deps.json-with-comments': {
    layers: () => on('app/a.deps.json', `/* of a program */${DEPS}`),
    notCovered: 'app/a.deps.json',
  },
  'deps.json-by-a-link': { layers: () => linked('app/a.deps.json', DEPS), found: IN_ACME_JSON },
} as const satisfies Record<string, Crafted>;

/** What is as it should be, of each class. It passes. */
export const ACCOUNTED = {
  'debian-of-two-layers': {
    layers: () => [debian(), file(PACKAGE, '{"name":"minimist","version":"1.2.8"}')],
  },
  'debian-where-a-layer-deletes': {
    layers: () => [debian().with(file(PACKAGE, minimist())), new Layer().whiteout('app/node_modules')],
  },
  'release-file-as-a-link': {
    layers: () => [
      debian()
        .with(file('usr/lib/os-release', debianRelease()))
        .symlink('etc/os-release', '../usr/lib/os-release'),
    ],
  },
  distroless: {
    layers: () => [
      new Layer()
        .file('etc/debian_version', '13.1\n')
        .file('etc/os-release', debianRelease())
        .file('var/lib/dpkg/status.d/base-files', 'Package: base-files\nVersion: 13.8+deb13u1\n')
        .file('var/lib/dpkg/status.d/base-files.md5sums', ''),
    ],
  },
  'status.d-that-says-the-same': {
    layers: () => [
      debian().with(
        file('var/lib/dpkg/status.d/netbase', stanza({ name: 'netbase', version: '6.5' }, MAINTAINER)),
      ),
    ],
  },
  'database-of-apk-behind-a-link': {
    layers: () => [wolfi(OPENSSL).behindLink('lib', 'usr/lib')],
  },
  'journal-of-dpkg-that-is-empty': { layers: () => [debian().directory('var/lib/dpkg/updates')] },
  'configuration-of-a-removed-package': {
    layers: () => [
      debianWith(stanza(SHELLSHOCK).replace('install ok installed', 'deinstall ok config-files')),
    ],
  },
  'log-of-sqlite-that-is-written-back': {
    layers: () => [amazon(rpmDatabase()).file('var/lib/rpm/rpmdb.sqlite-wal', '')],
  },
  'package-of-npm': { layers: () => npm('{"name":"minimist","version":"1.2.8","dependencies":{"a":"1"}}') },
  'package-of-npm-without-a-version': { layers: () => npm('{"name":"minimist","private":true}') },
  'name-that-npm-does-not-allow': { layers: () => npm('{"name":"%name%","version":"0.0.8"}') },
  'template-of-a-package': { layers: () => npm('{"name": {{name}}, "version": {{version}}}') },
  'jar-as-maven-packs-it': { layers: () => [supportedOs().with(file('app/slf4j-nop.jar', realJar()))] },
  'jar-in-a-jar': {
    layers: () => [
      supportedOs().with(
        file(JAR, zip({ [MANIFEST]: 'Manifest-Version: 1.0\n', 'BOOT-INF/lib/slf4j-nop.jar': realJar() })),
      ),
    ],
    warned: JAR,
  },
  'jar-with-a-bare-manifest': {
    layers: () => [
      supportedOs().with(
        file('app/plain.jar', zip({ [MANIFEST]: 'Manifest-Version: 1.0\n', 'A.class': 'A' })),
      ),
    ],
    warned: 'app/plain.jar',
  },
  'metadata-of-python': {
    layers: () => [
      supportedOs().with(
        file(
          'usr/lib/python3/site-packages/ok-1.0.dist-info/METADATA',
          'Metadata-Version: 2.1\nName: ok\nVersion: 1.0\n',
        ),
      ),
    ],
  },
  'base-environment-of-conda': {
    layers: () => [
      supportedOs().with(file('opt/conda/conda-meta/ok-1.0-0.json', '{"name":"ok","version":"1.0"}')),
    ],
    warned: 'opt/conda/conda-meta/ok-1.0-0.json',
  },
  'wheel-that-python-brings': {
    layers: () => [
      supportedOs().with(
        file(
          'usr/lib/python3.13/ensurepip/_bundled/pip-25.0-py3-none-any.whl',
          readFileSync(join(FIXTURES, 'real.whl')),
        ),
      ),
    ],
    warned: 'usr/lib/python3.13/ensurepip/_bundled/pip-25.0-py3-none-any.whl',
  },
  'gem-from-git': {
    layers: () => [
      supportedOs().with(
        file(
          'usr/local/bundle/bundler/gems/ok-0123456789ab/ok.gemspec',
          'Gem::Specification.new do |s|\n  s.name = "ok"\n  s.version = Ok::VERSION\nend\n',
        ),
      ),
    ],
    warned: 'usr/local/bundle/bundler/gems/ok-0123456789ab/ok.gemspec',
  },
  'specification-of-a-gem': {
    layers: () => [
      supportedOs().with(
        file(
          'usr/local/bundle/specifications/rake-13.0.6.gemspec',
          readFileSync(join(FIXTURES, 'rake.gemspec')),
        ),
      ),
    ],
  },
  'packages-of-yarn': {
    layers: () => [
      supportedOs().with(
        file(
          'app/.yarn/cache/ok-npm-1.0.0-0123456789.zip',
          zip({ 'node_modules/ok/package.json': '{"name":"ok","version":"1.0.0"}' }),
        ),
      ),
    ],
    warned: 'app/.yarn/cache',
  },
  'program-of-python-in-one-file': {
    layers: () => [supportedOs().with(file('app/tool.pyz', zip({ '__main__.py': 'print(1)\n' })))],
  },
  'program-with-an-archive-of-no-packages': {
    layers: async () => [
      supportedOs().with(
        file('app/self-extracting', Buffer.concat([linuxProgram(), zip({ a: 'b' })]), 0o755),
      ),
    ],
  },
  'environment-of-python-that-is-made-of-links': {
    layers: () => [
      supportedOs().with(
        new Layer()
          .file('opt/cache/ok-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\nName: ok\nVersion: 1.0\n')
          .symlink(
            'usr/lib/python3/site-packages/ok-1.0.dist-info/METADATA',
            '/opt/cache/ok-1.0.dist-info/METADATA',
          ),
      ),
    ],
  },
  'database-of-another-root': {
    layers: () => on('srv/root/var/lib/dpkg/status', stanza(SHELLSHOCK)),
    warned: 'srv/root/var/lib/dpkg/status',
  },
  'classes-in-a-folder': {
    layers: () => on(`app/classes/${LOG4J_PLACE}`, LOG4J_POM),
    warned: `app/classes/${LOG4J_PLACE}`,
  },
  'package-of-npm-in-a-jar': {
    layers: () =>
      on(
        JAR,
        zip({ [MANIFEST]: 'Manifest-Version: 1.0\n', 'node_modules/minimist/package.json': minimist() }),
      ),
    warned: JAR,
  },
  'package.json-in-utf-16': { layers: () => npm(Buffer.from(`\ufeff${minimist()}`, 'utf16le')) },
  'packages-of-other-languages': {
    layers: () => [
      supportedOs().with(
        file(COMPOSER, ACME_HTTP.replace('http', 'ok')).file(
          'app/a.deps.json',
          DEPS.replaceAll('Acme.Json', 'Ok'),
        ),
      ),
    ],
  },
  'scratch-with-npm': { layers: () => [CLEAN] },
  'jar-of-the-distribution': {
    layers: () => [
      owned(
        { name: 'libcommons-text-java', version: '1.9-1+deb13u1', source: 'commons-text' },
        {
          'usr/share/java/commons-text.jar': zip({
            'META-INF/maven/org.apache.commons/commons-text/pom.properties': pom(
              'org.apache.commons',
              'commons-text',
              '1.9',
            ),
          }),
        },
      ),
    ],
  },
} as const satisfies Record<string, Crafted>;

export type UnaccountedName = keyof typeof UNACCOUNTED;
export type AccountedName = keyof typeof ACCOUNTED;
