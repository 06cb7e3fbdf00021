import { plainText, quoted } from '../text/plain-text';

/** The largest user id of Docker, containerd and runc. Linux itself has ids up to 4294967294. */
const LARGEST_ID = 2 ** 31 - 1;

/** A user id. Runtimes read "00" and "+0" as 0, so it must start with 1 to 9. */
const USER_ID = /^([1-9]\d*)(?::|$)/;
const USER_NAME = /^([A-Za-z_][A-Za-z0-9_.-]*)(?::|$)/;

/** What the image's own /etc/passwd says of its user: the id in that line, or why no id is certain. */
export interface UserEntry {
  readonly Name: string;
  readonly Uid?: number;
  readonly Line?: number;
  readonly Unknown?: string;
}

/**
 * Why a container of an image starts as root, or may do so. A name is root if /etc/passwd of the image maps
 * it to 0, and may be root if nobody looked it up. A number needs no line: but Docker before 1.11 took it
 * for a name first (CVE-2016-3697).
 */
export function whyImageRoot(user: string, entry: UserEntry | undefined): string | undefined {
  const why = whyRoot(user);
  if (why !== undefined) return why;
  const name = /^[^:]*/.exec(user)![0];
  const of = entry?.Name === name ? entry : undefined;
  if (of === undefined && USER_ID.test(user)) return undefined;
  const { Uid, Line, Unknown } = of ?? {};
  if (Unknown === undefined && Uid !== undefined && Uid >= 1 && Uid <= LARGEST_ID) return undefined;
  const shown = plainText(name, 40);
  if (Uid === 0) {
    const where = Line === undefined ? '' : ` (line ${Line})`;
    return USER_ID.test(user)
      ? `USER ${shown} may be root: /etc/passwd maps a user of that name to 0${where}, and old runtimes look for names first`
      : `USER ${shown} is root: /etc/passwd maps it to 0${where}`;
  }
  return `USER ${shown} may be root: ${Unknown ?? 'nobody looked it up in /etc/passwd of the image'}`;
}

/**
 * Why a container with this user starts as root, or may do so, by what can be said without the image. Of
 * `user:group` only the user counts: no right of root comes with group 0, which OpenShift gives to every
 * container. A name other than root counts as non-root here: a file of the image maps it to an id.
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
