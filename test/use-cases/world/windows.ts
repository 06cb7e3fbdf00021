import type { Interruptions } from './interruptions';
import type { GracePeriods } from '../../../src/core/evaluation/grace-periods';
import { imageOf, type ImageName } from '../../../src/core/image/image';

/** Since when repositories have had what they may fix later. */
export class MemoryGracePeriods {
  private readonly since = new Map<string, Map<string, string>>();

  constructor(private readonly interruptions: Interruptions) {}

  public async of(image: ImageName): Promise<GracePeriods> {
    await this.interruptions.before('gracePeriods.of');
    return new Map(this.since.get(imageOf(image).repository));
  }

  /** When each began. */
  public beginnings(repository: string): string[] {
    return [...(this.since.get(repository)?.values() ?? [])];
  }

  public async open(image: ImageName, gracePeriods: GracePeriods): Promise<void> {
    await this.interruptions.before('gracePeriods.open');
    const { repository } = imageOf(image);
    this.since.set(repository, new Map([...gracePeriods, ...(this.since.get(repository) ?? [])]));
  }
}
