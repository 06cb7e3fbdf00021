import { createHash } from 'node:crypto';
import type { WaiverEvent } from '../../../src/core/events/waiver-events';
import { parseWaivers } from '../../../src/core/waivers/document';
import type { UsedWaivers } from '../../../src/core/waivers/unused';
import type { Pointer } from '../../../use-cases/policy/active-document';
import type { PublishWaiversContext } from '../../../use-cases/waivers/publish-waivers';
import type { RemindContext } from '../../../use-cases/waivers/remind-of-waivers';

export const NOW = new Date('2026-11-25T06:00:00.000Z');

/** The bucket, the evidence, the pointer and the bus, each as small as it can be. */
export class Fakes implements PublishWaiversContext, RemindContext {
  public now = NOW;
  public readonly maxLifeDays = 90;
  public content: Uint8Array | undefined;
  public active: Pointer | undefined;
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
      return this.active;
    },
    replace: async (seen: Pointer | undefined, next: Omit<Pointer, 'revision'>) => {
      await this.meanwhile();
      if (seen?.revision !== this.active?.revision) return undefined;
      this.active = { revision: (seen?.revision ?? 0) + 1, ...next };
      return this.active.revision;
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
    const document = this.objects.get(`policies/waivers/${this.active?.sha256}.json`);
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
