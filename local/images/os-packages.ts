import { Layer } from './layer';

export interface OsPackage {
  readonly name: string;
  readonly version: string;
  /** The source package, when it is named differently: advisories name sources. */
  readonly source?: string;
  readonly maintainer?: string;
}

const MAINTAINER = 'Packagers <packagers@example.com>';

/** What apk leaves of an installation, without the files themselves. */
export function alpine(version: string, packages: readonly OsPackage[]): Layer {
  return new Layer()
    .file('etc/alpine-release', `${version}\n`)
    .file(
      'etc/os-release',
      `NAME="Alpine Linux"\nID=alpine\nVERSION_ID=${version}\nPRETTY_NAME="Alpine Linux v${minorOf(version)}"\n`,
    )
    .file('lib/apk/db/installed', packages.map(apkRecord).join('\n'));
}

/** What dpkg leaves of an installation, without the files themselves. */
export function debian(version: string, codename: string, packages: readonly OsPackage[]): Layer {
  const major = version.split('.')[0];
  return new Layer()
    .file('etc/debian_version', `${version}\n`)
    .file(
      'etc/os-release',
      [
        `PRETTY_NAME="Debian GNU/Linux ${major} (${codename})"`,
        'NAME="Debian GNU/Linux"',
        `VERSION_ID="${major}"`,
        `VERSION="${major} (${codename})"`,
        `VERSION_CODENAME=${codename}`,
        'ID=debian',
        '',
      ].join('\n'),
    )
    .with(dpkgDatabase(packages));
}

/** What dpkg knows, whatever distribution it is. */
export function dpkgDatabase(packages: readonly OsPackage[]): Layer {
  return new Layer().file('var/lib/dpkg/status', packages.map(dpkgRecord).join('\n'));
}

function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

function apkRecord({ name, version, source, maintainer }: OsPackage): string {
  return [
    `P:${name}`,
    `V:${version}`,
    'A:x86_64',
    'S:1000',
    'I:4096',
    `T:${name}`,
    'L:MIT',
    `o:${source ?? name}`,
    `m:${maintainer ?? MAINTAINER}`,
    '',
  ].join('\n');
}

function dpkgRecord({ name, version, source, maintainer }: OsPackage): string {
  return [
    `Package: ${name}`,
    'Status: install ok installed',
    'Priority: optional',
    'Section: misc',
    'Installed-Size: 1',
    `Maintainer: ${maintainer ?? MAINTAINER}`,
    'Architecture: amd64',
    ...(source === undefined ? [] : [`Source: ${source}`]),
    `Version: ${version}`,
    `Description: ${name}`,
    '',
  ].join('\n');
}
