/**
 * The checks that Trivy runs on the Dockerfile which it derives from an image, by their ids, and the words
 * that each has been called by. A report gives the id alone, but ignore files of older versions have the
 * other names, and Trivy still takes them.
 *
 * @see https://github.com/aquasecurity/trivy-checks/tree/main/checks/docker `aliases` in the metadata
 */
export const CHECK_WORDS: Readonly<Record<string, string>> = {
  'DS-0001': 'use-specific-tags',
  'DS-0002': 'least-privilege-user',
  'DS-0004': 'no-ssh-port',
  'DS-0005': 'use-copy-over-add',
  'DS-0006': 'no-self-referencing-copy-from',
  'DS-0007': 'only-one-entrypoint',
  'DS-0008': 'port-out-of-range',
  'DS-0009': 'user-absolute-workdir',
  'DS-0010': 'no-sudo-run',
  'DS-0011': 'use-slash-for-copy-args',
  'DS-0012': 'no-duplicate-alias',
  'DS-0013': 'use-workdir-over-cd',
  'DS-0014': 'standardise-remote-get',
  'DS-0015': 'purge-yum-package-cache',
  'DS-0016': 'only-one-cmd',
  'DS-0017': 'no-orphan-package-update',
  'DS-0019': 'purge-dnf-package-cache',
  'DS-0020': 'purge-zipper-cache',
  'DS-0021': 'use-apt-auto-confirm',
  'DS-0022': 'no-maintainer',
  'DS-0023': 'only-one-healthcheck',
  'DS-0024': 'no-dist-upgrade',
  'DS-0025': 'purge-apk-package-cache',
  'DS-0026': 'no-healthcheck',
  'DS-0027': 'purge-microdnf-package-cache',
  'DS-0029': 'use-apt-no-install-recommends',
  'DS-0030': 'avoid-sys-workdir-mounts',
  'DS-0031': 'do-not-pass-secrets',
};

/** All names of one check, its id first: `DS-0002`, `AVD-DS-0002`, `DS002`, `least-privilege-user`. */
export function namesOfCheck(id: string): readonly string[] {
  const words = Object.hasOwn(CHECK_WORDS, id) ? CHECK_WORDS[id]! : undefined;
  return words === undefined ? [id] : [id, `AVD-${id}`, id.replace('-0', ''), words];
}
