/**
 * Who rebuilds packages of others, fixes vulnerabilities in them, and publishes advisories of their own.
 * Trivy asks these advisories in place of the distribution's where it finds the supplier's mark in an image,
 * and no calendar says when such a system ends.
 *
 * A mark proves nothing: it is a file, or the name or version of a package, and whoever builds the image can
 * write it.
 */
export enum PackageSupplier {
  /** RapidFort's curated images: the file `/usr/share/rapidfort/curated.json`. */
  RAPIDFORT = 'rapidfort',
  /**
   * Root.io: one package of Debian or Ubuntu with `.root.io` in its version, or one of Alpine with a revision
   * like `-r10071`.
   */
  ROOT_IO = 'root.io',
  /**
   * Seal Security: one package, or its source, named `seal-…`; packages of languages by their names too, or
   * by versions that end in `sp1`.
   */
  SEAL = 'seal',
}
