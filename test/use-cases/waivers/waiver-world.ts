import { createHash } from 'node:crypto';
import type {
  PublishContext,
  RemindContext,
  UsedWaivers,
  WaiverPointer,
} from '../../../use-cases/waivers/publish-waivers';
import type { WaiverEvent } from '../../../src/core/events/waiver-events';
import { parseWaivers } from '../../../src/core/waivers/document';

export const NOW = new Date('2026-11-25T06:00:00.000Z');

/** The bucket, the evidence, the pointer and the bus, each as small as it can be. */
export class Fakes implements PublishContext, RemindContext {
  public now = NOW;
  public readonly maxLifeDays = 90;
  public content: Uint8Array | undefined;
  public activePolicy: (WaiverPointer & { readonly versionId?: string }) | undefined;
  public readonly objects = new Map<string, string>();
  public readonly sent: WaiverEvent[] = [];
  public sweeps = 0;
  public usedNow: UsedWaivers = { keys: new Set() };

  public readonly file = {
    location: 's3://waivers/waivers.yaml',
    name: 'waivers.yaml',
    read: async (maxBytes: number) => {
      await this.meanwhile();
      if (this.content === undefined) return undefined;
      const { length: size } = this.content;
      return {
        size,
        versionId: createHash('md5').update(this.content).digest('hex'),
        ...(size <= maxBytes && { bytes: this.content }),
      };
    },
  };
  public readonly evidence = {
    read: async (key: string) => (this.objects.has(key) ? Buffer.from(this.objects.get(key)!) : undefined),
    writeOnce: async (key: string, body: string) => {
      await this.meanwhile();
      const isNew = !this.objects.has(key);
      if (isNew) this.objects.set(key, body);
      return isNew;
    },
  };
  public readonly pointer = {
    current: async () => {
      await this.meanwhile();
      return this.activePolicy;
    },
    replace: async (seen: WaiverPointer | undefined, sha256: string, versionId?: string) => {
      await this.meanwhile();
      if (seen?.revision !== this.activePolicy?.revision) return undefined;
      this.activePolicy = { revision: (seen?.revision ?? 0) + 1, sha256, versionId };
      return this.activePolicy.revision;
    },
  };
  public readonly events = {
    publish: async (event: WaiverEvent) => {
      this.sent.push(event);
    },
  };
  /** What somebody else does before each of our steps. */
  public meanwhile = async (): Promise<void> => undefined;
  public readonly sweep = async () => {
    this.sweeps += 1;
  };
  public readonly used = async () => this.usedNow;

  /** Somebody puts the file there. */
  public write(...ids: readonly string[]): void {
    this.content = Buffer.from(yaml(ids.map(id => ({ id }))));
  }

  /** The ids that are waived. */
  public get waived(): string[] {
    const document = this.objects.get(`policies/waivers/${this.activePolicy?.sha256}.json`);
    const waivers = parseWaivers(document ?? '');
    if (!waivers.ok) throw new Error(waivers.error.join('; '));
    return waivers.value.map(({ id }) => id!).sort();
  }
}

export function yaml(waivers: readonly { readonly id: string; readonly expires?: string }[]): string {
  const entries = waivers.map(
    ({ id, expires = '2026-12-31' }) =>
      `  - {id: ${id}, repositories: [team/*], owner: alice@example.com, reason: not reachable from any input, expires: ${expires}}`,
  );
  return ['version: 1', waivers.length === 0 ? 'waivers: []' : 'waivers:', ...entries, ''].join('\n');
}
