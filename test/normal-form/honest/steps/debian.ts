import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from '../../../../local/tools/command';
import type { Distribution } from '../advisories';
import type { Step } from '../overlay';

const RELEASE = 'bookworm';
const BUCKET = 'debian 12';
const REMEDY = 'run it as root, with mmdebstrap and the packages of Debian in reach';
const LISTS = 'var/lib/apt/lists';
const PIN = 'etc/apt/preferences.d/no-updates';
/** The release as it came out: its updates are held back. */
const NO_UPDATES = `Package: *
Pin: release n=${RELEASE}-security
Pin-Priority: -1

Package: *
Pin: release n=${RELEASE}-updates
Pin-Priority: -1
`;

const sources = new Set<string>();

/** Every source package of the release, by its own index. Empty before the first step has run. */
export function debianItself(): Distribution {
  return { bucket: BUCKET, sources: [...sources] };
}

/** A root file system with these packages, and what they need, as a machine has it. */
export function debianRoot(packages: readonly string[]): Step {
  return {
    name: `debian ${packages.length}`,
    async change(root) {
      await bootstrap(root, packages, []);
      await learnSources(root);
    },
  };
}

/** The smallest one that can install packages, as base images are, without the updates of the release. */
export const debianBase: Step = {
  name: 'debian base',
  change: root => bootstrap(root, [], [`--setup-hook=printf '%s' ${quoted(NO_UPDATES)} > "$1/${PIN}"`]),
};

export function aptInstalls(packages: readonly string[]): Step {
  return {
    name: `apt-get install ${packages.join(' ')}`,
    async change(root) {
      await inChroot(root, 'apt-get update --quiet=2');
      await inChroot(root, `apt-get install --quiet=2 --yes --no-install-recommends ${packages.join(' ')}`);
      await learnSources(root);
    },
  };
}

export const aptUpgrades: Step = {
  name: 'apt-get upgrade',
  async change(root) {
    await rm(join(root, PIN));
    await inChroot(root, 'apt-get update --quiet=2');
    await inChroot(root, 'apt-get dist-upgrade --quiet=2 --yes');
    await learnSources(root);
  },
};

/** As images are made small: packages go, and of others what nobody reads. */
export function aptPurges(packages: readonly string[]): Step {
  return {
    name: `apt-get purge ${packages.join(' ')}`,
    async change(root) {
      await inChroot(root, `apt-get purge --quiet=2 --yes --auto-remove ${packages.join(' ')}`);
      await rm(join(root, 'usr/share/doc'), { recursive: true });
      await rm(join(root, 'usr/share/man'), { recursive: true, force: true });
    },
  };
}

/** Over what a package of Debian brought. */
export function pipOverDebian(packages: readonly string[]): Step {
  const flags =
    '--break-system-packages --root-user-action=ignore --no-cache-dir --quiet --upgrade --ignore-installed';
  return {
    name: `pip over debian ${packages.join(' ')}`,
    async change(root) {
      const target = join(root, 'usr/lib/python3/dist-packages');
      const plain = [
        'install',
        ...flags.split(' '),
        '--no-deps',
        '--only-binary=:all:',
        '--disable-pip-version-check',
      ];
      await mustRun('pip', [...plain, `--target=${target}`, ...packages], REMEDY);
    },
  };
}

/** As people install what a vendor offers for download. */
export function dpkgInstalls(archives: (folder: string) => Promise<readonly string[]>): Step {
  return {
    name: 'dpkg --install',
    async change(root) {
      const folder = join(root, 'tmp', 'archives');
      await mkdir(folder, { recursive: true });
      const names = await archives(folder);
      await inChroot(root, `dpkg --install ${names.map(name => `/tmp/archives/${name}`).join(' ')}`);
      await rm(folder, { recursive: true });
    },
  };
}

async function bootstrap(root: string, packages: readonly string[], more: readonly string[]): Promise<void> {
  const keepLists = '--skip=cleanup/apt/lists';
  const include = packages.length > 0 ? [`--include=${packages.join(',')}`] : [];
  const plain = ['--mode=root', '--variant=apt', '--aptopt=APT::Install-Recommends "false"', '--quiet'];
  await mustRun('mmdebstrap', [...plain, keepLists, ...include, ...more, RELEASE, root], REMEDY);
}

/** From the lists of apt, which go then. */
async function learnSources(root: string): Promise<void> {
  for (const name of await readdir(join(root, LISTS))) {
    if (!name.endsWith('_Packages')) continue;
    const text = await readFile(join(root, LISTS, name), 'utf8');
    for (const paragraph of text.split('\n\n')) {
      const [, binary] = /^Package: (\S+)/m.exec(paragraph) ?? [];
      const [, source] = /^Source: (\S+)/m.exec(paragraph) ?? [];
      const known = source ?? binary;
      if (known !== undefined) sources.add(known);
    }
  }
  await rm(join(root, LISTS), { recursive: true });
  await mkdir(join(root, LISTS));
}

/** With what maintainers' scripts ask for, and without services. */
async function inChroot(root: string, command: string): Promise<void> {
  const script = 'mount -t proc proc "$0/proc" && mount --bind /dev "$0/dev" && exec chroot "$0" sh -c "$1"';
  const environment = {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    DEBIAN_FRONTEND: 'noninteractive',
    LC_ALL: 'C',
  };
  await mustRun('unshare', ['--mount', 'sh', '-c', script, root, command], REMEDY, { environment });
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
