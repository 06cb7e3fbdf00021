import { quoted } from '../text/plain-text';

/** The largest user id of Docker, containerd and runc. Linux itself has ids up to 4294967294. */
const LARGEST_ID = 2 ** 31 - 1;

/** A user id. Runtimes read "00" and "+0" as 0, so it must start with 1 to 9. */
const USER_ID = /^([1-9]\d*)(?::|$)/;
const USER_NAME = /^([A-Za-z_][A-Za-z0-9_.-]*)(?::|$)/;

/**
 * Why a container with this user starts as root, or may do so. Of `user:group` only the user counts. A name
 * other than root counts as non-root: a file of the image maps it to an id.
 *
 * containerd before 1.6.38, 1.7.27 and 2.0.4 keeps 32 bits of an id, so 4294967296 is 0 there
 * (CVE-2024-40635). Later versions, and Docker, do not start such a container.
 */
export function whyRoot(user: string): string | undefined {
  if (user === '') return 'the image names no user, so it runs as root';
  const shown = quoted(user, 40);
  const id = USER_ID.exec(user)?.[1];
  if (id !== undefined) {
    return Number(id) <= LARGEST_ID
      ? undefined
      : `the image runs as user ${shown}, which some runtimes cut down to root; user ids end at ${LARGEST_ID}`;
  }
  const name = USER_NAME.exec(user)?.[1];
  return name !== undefined && name !== 'root' ? undefined : `the image runs as user ${shown}, which is root`;
}
