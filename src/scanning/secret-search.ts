import { SecretSearch as Where } from '../core/scanning/trivy-flags';

/**
 * Where secrets are searched. Every layer is, with the files that later layers delete, and no file is left
 * out for its name or its folder: not `.git`, not `node_modules`, no lock file.
 */
export class SecretSearch {
  /**
   * Not in the folders that distributions and language runtimes bring along (`usr/lib`, `usr/share`,
   * `usr/local/go`, …).
   */
  public static readonly APPLICATION = new SecretSearch(Where.application);
  /** There too. The search of a Debian image takes some four times as long. */
  public static readonly EVERYWHERE = new SecretSearch(Where.everywhere);

  private constructor(private readonly where: Where) {}

  /** @internal */
  public get _where(): Where {
    return this.where;
  }
}
