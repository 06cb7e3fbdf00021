import type { Interruptions } from './interruptions';

/** The evidence bucket: who writes first, wins. Only `put`, which stands for others, overwrites. */
export class MemoryEvidence {
  public readonly name = 'evidence';
  public readonly objects = new Map<string, Uint8Array>();

  constructor(private readonly interruptions: Interruptions) {}

  public put(key: string, body: Uint8Array | string): void {
    this.objects.set(key, Buffer.from(body));
  }

  public async read(key: string, maxBytes: number): Promise<Uint8Array | undefined> {
    await this.interruptions.before(`evidence.read ${key.split('/')[0]}`);
    const bytes = this.objects.get(key);
    if (bytes !== undefined && bytes.length > maxBytes) {
      throw Object.assign(new Error('too large'), { code: 'OBJECT_TOO_LARGE' });
    }
    return bytes;
  }

  public async writeOnce(key: string, body: Uint8Array | string): Promise<boolean> {
    await this.interruptions.before(`evidence.writeOnce ${key.split('/')[0]}`);
    if (this.objects.has(key)) return false;
    this.put(key, body);
    return true;
  }

  public keys(prefix: string): string[] {
    return [...this.objects.keys()].filter(key => key.startsWith(prefix));
  }

  public json(key: string): any {
    return JSON.parse(Buffer.from(this.objects.get(key)!).toString('utf8'));
  }
}
