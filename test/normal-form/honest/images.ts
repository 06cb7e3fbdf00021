import type { Distribution } from './advisories';
import { listed } from './lists';
import type { Step } from './overlay';
import {
  aptInstalls,
  aptPurges,
  aptUpgrades,
  debianBase,
  debianItself,
  debianRoot,
  pipOverDebian,
} from './steps/debian';
import { goPrograms } from './steps/go';
import { mavenArchives } from './steps/java';
import { npmDeletes, npmInstalls, npmOverwrites, npmUpgrades } from './steps/node';
import { rpmDatabase, savedImage, type RpmSystem } from './steps/other-systems';
import {
  pipInstalls,
  targetOverwrites,
  venvDeletes,
  venvInstalls,
  venvOverwrites,
  venvUpgrades,
} from './steps/python';
import { cargoInstalls } from './steps/rust';
import { OF_VENDOR, vendorsPackages } from './steps/vendor';

/** An image that honest people make: each step is a layer. */
export interface HonestImage {
  readonly name: string;
  readonly steps: readonly Step[];
  /** Whose advisories there are. */
  readonly distributions?: () => readonly Distribution[];
  /** Where findings may be that Trivy alone does not have; nowhere if left out. */
  readonly more?: RegExp;
  /** Files that are not covered, each with a reason in docs/limits.md. */
  readonly known?: readonly string[];
}

const NPM = listed('npm');
const PYPI = listed('pypi');
const FRAMEWORKS = listed('npm-frameworks');
const DEBIAN = listed('debian');
/** How many are deleted again. */
const DELETED = 20;

const RPM_SYSTEMS: readonly RpmSystem[] = [
  {
    folder: 'ubi8-s390x',
    file: 'Packages',
    release: { ID: 'rhel', NAME: 'Red Hat Enterprise Linux', VERSION_ID: '8.5' },
  },
  {
    folder: 'centos6-many',
    file: 'Packages',
    release: { ID: 'centos', NAME: 'CentOS Linux', VERSION_ID: '6' },
  },
  {
    folder: 'centos7-many',
    file: 'Packages',
    release: { ID: 'centos', NAME: 'CentOS Linux', VERSION_ID: '7' },
  },
  {
    folder: 'centos8-modularitylabel',
    file: 'Packages',
    release: { ID: 'centos', NAME: 'CentOS Linux', VERSION_ID: '8' },
  },
  {
    folder: 'fedora35-plus-mongo',
    file: 'rpmdb.sqlite',
    release: { ID: 'fedora', NAME: 'Fedora Linux', VERSION_ID: '35' },
  },
  {
    folder: 'cbl-mariner-2.0',
    file: 'rpmdb.sqlite',
    release: { ID: 'mariner', NAME: 'CBL-Mariner', VERSION_ID: '2.0' },
  },
  { folder: 'sle15-bci', file: 'Packages.db', release: { ID: 'sles', NAME: 'SLES', VERSION_ID: '15.3' } },
];

/** An archive in an archive, as a template under another name. */
const TEMPLATE =
  'opt/app/lib/openapi-generator-cli-7.1.0.jar/java-micronaut/common/configuration/mavenw/maven-wrapper.jar.mustache';

const ofDebian = () => [debianItself()];

export const IMAGES: readonly HonestImage[] = [
  { name: 'npm', steps: [npmInstalls(NPM)] },
  {
    name: 'npm-changed',
    steps: [npmInstalls(NPM), npmOverwrites, npmUpgrades, npmDeletes(NPM.slice(0, DELETED))],
  },
  { name: 'pypi', steps: [pipInstalls(PYPI)] },
  { name: 'pypi-overwritten', steps: [pipInstalls(PYPI), targetOverwrites] },
  {
    name: 'pypi-changed',
    steps: [venvInstalls(PYPI), venvOverwrites, venvUpgrades, venvDeletes(PYPI.slice(0, DELETED))],
  },
  {
    name: 'java-go-rust',
    steps: [mavenArchives, goPrograms, cargoInstalls],
    known: [TEMPLATE],
  },
  { name: 'debian', steps: [debianRoot(DEBIAN)], distributions: ofDebian },
  {
    name: 'debian-vendor',
    steps: [debianRoot(DEBIAN), vendorsPackages],
    distributions: ofDebian,
    more: OF_VENDOR,
  },
  {
    name: 'debian-changed',
    steps: [
      debianBase,
      aptInstalls([
        'composer',
        'default-jre-headless',
        'npm',
        'python3-django',
        'python3-requests',
        'ruby-rails',
      ]),
      aptUpgrades,
      pipOverDebian(['requests', 'urllib3', 'idna']),
      aptPurges(['ruby-rails', 'npm']),
    ],
    distributions: ofDebian,
  },
  {
    name: 'debian-and-npm',
    steps: [debianRoot(DEBIAN), npmInstalls(NPM), npmInstalls(FRAMEWORKS)],
    distributions: ofDebian,
  },
  { name: 'alpine-310', steps: savedImage('alpine-310', 1) },
  { name: 'alpine-311', steps: savedImage('alpine-311', 1) },
  { name: 'distroless', steps: savedImage('distroless', 2) },
  ...RPM_SYSTEMS.map(system => ({
    name: system.folder,
    steps: [rpmDatabase(system)],
    // Trivy lists no package of a system that it has no advisories for
    known: system.release.ID === 'fedora' ? [`var/lib/rpm/${system.file}`] : [],
  })),
];
