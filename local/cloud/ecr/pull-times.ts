import { RegistrySettings } from './registry-settings';
import { Pullers } from '../pullers';

/**
 * When images were pulled last. MiniStack does not know it.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-time-update-exclusions.html
 */
export class PullTimes {
  private readonly times = new Map<string, number>();

  constructor(
    private readonly settings: RegistrySettings,
    private readonly pullers: Pullers,
  ) {}

  public async pulled(repository: string, digest: string, accessKeyId: string | undefined): Promise<void> {
    const role = await this.pullers.roleOf(accessKeyId);
    if (role !== undefined && (await this.settings.isExcluded(role))) return;
    this.times.set(`${repository}@${digest}`, Date.now() / 1000);
  }

  /** In seconds. */
  public last(repository: string, digest: string): number | undefined {
    return this.times.get(`${repository}@${digest}`);
  }
}
