/** Package managers, and the analysers by which Trivy reads what they leave in an image. */
const ANALYSERS = {
  apk: ['apk'],
  dpkg: ['dpkg'],
  rpm: ['rpm', 'rpmqa'],
  bottlerocket: ['bottlerocket-inventory'],
  /** Trivy expects no packages of such a system. */
  none: [],
} as const satisfies Record<string, readonly string[]>;
export type PackageManager = keyof typeof ANALYSERS;

/**
 * The operating systems that Trivy 0.74 knows, by the package manager of each; a test compares this with its
 * source (`pkg/fanal/types/const.go`, with the aliases). Trivy believes the name that `os-release` gives, and
 * compares whatever packages it finds with the advisories of that system.
 */
const FAMILIES: Readonly<Record<PackageManager, readonly string[]>> = {
  apk: ['alpine', 'chainguard', 'minimos', 'wolfi'],
  dpkg: ['debian', 'debian gnu/linux', 'echo', 'ubuntu'],
  rpm: [
    'alma',
    'amazon',
    'amazon linux',
    'azurelinux',
    'cbl-mariner',
    'centos',
    'centos-stream',
    'coreos',
    'fedora',
    'opensuse',
    'opensuse-leap',
    'opensuse-tumbleweed',
    'opensuse.leap',
    'opensuse.tumbleweed',
    'oracle',
    'photon',
    'redhat',
    'rocky',
    'slem',
    'sles',
    'suse linux enterprise micro',
    'suse linux enterprise server',
  ],
  bottlerocket: ['bottlerocket'],
  none: ['activestate'],
};

export const MANAGER_OF: ReadonlyMap<string, PackageManager> = new Map(
  (Object.keys(FAMILIES) as PackageManager[]).flatMap(manager =>
    FAMILIES[manager].map(family => [family, manager] as const),
  ),
);

export function isReadBy(analyser: string | undefined, manager: PackageManager): boolean {
  return analyser !== undefined && (ANALYSERS[manager] as readonly string[]).includes(analyser);
}
