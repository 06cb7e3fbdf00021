import type { Interruptions } from './interruptions';
import { imageOf, type ImageName } from '../../../src/core/image/image';
import type { Windows } from '../../../src/core/evaluation/grace-periods';

/** Since when repositories have had what they may mend later. */
export class MemoryWindows {
  private readonly since = new Map<string, Map<string, string>>();

  constructor(private readonly interruptions: Interruptions) {}

  public async of(image: ImageName): Promise<Windows> {
    await this.interruptions.before('windows.of');
    return new Map(this.since.get(imageOf(image).repository));
  }

  /** When each began. */
  public beginnings(repository: string): string[] {
    return [...(this.since.get(repository)?.values() ?? [])];
  }

  public async open(image: ImageName, windows: Windows): Promise<void> {
    await this.interruptions.before('windows.open');
    const { repository } = imageOf(image);
    this.since.set(repository, new Map([...windows, ...(this.since.get(repository) ?? [])]));
  }
}
