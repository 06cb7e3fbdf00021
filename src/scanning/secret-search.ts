import { SecretSearch as Where } from '../core/scanning/trivy-flags';

/**
 * The folders in which Trivy searches for secrets. It searches every layer, including files that later layers
 * delete. It skips no file because of its name or folder, such as `.git`, `node_modules` or lock files.
 */
export class SecretSearch {
  /**
   * All folders except those of distributions and language runtimes (`usr/lib`, `usr/share`, `usr/local/go`,
   * …).
   */
  public static readonly APPLICATION = new SecretSearch(Where.application);
  /** All folders. The search of a Debian image takes about four times as long. */
  public static readonly EVERYWHERE = new SecretSearch(Where.everywhere);

  private constructor(private readonly where: Where) {}

  /** @internal */
  public get _where(): Where {
    return this.where;
  }
}
