import type { Interruptions } from './interruptions';

export interface Message {
  readonly id: number;
  readonly body: unknown;
  readonly visibleAt: Date;
  /** How often a handler threw over it. */
  readonly failures: number;
}

/** SQS: keeps what nobody deleted, gives it out in no particular order, and at least once. */
export class MemoryQueue<Body> {
  public messages: Message[] = [];
  public readonly dead: { body: unknown; why: string }[] = [];
  private sent = 0;

  constructor(
    public readonly name: string,
    private readonly interruptions: Interruptions,
    private readonly now: () => Date,
  ) {}

  public async send(body: Body, delaySeconds = 0): Promise<void> {
    await this.interruptions.before(`${this.name}.send`);
    if (delaySeconds < 0 || delaySeconds > 900) throw new Error(`SQS takes no delay of ${delaySeconds} s`);
    this.put(body, delaySeconds);
  }

  public async sendAll(bodies: readonly Body[]): Promise<void> {
    if (bodies.length === 0) return;
    await this.interruptions.before(`${this.name}.sendAll`);
    for (const body of bodies) this.put(body);
  }

  public put(body: unknown, delaySeconds = 0, failures = 0): void {
    const visibleAt = new Date(this.now().getTime() + delaySeconds * 1000);
    this.messages.push({ id: ++this.sent, body: JSON.parse(JSON.stringify(body)), visibleAt, failures });
  }

  public delete(message: Message): void {
    this.messages = this.messages.filter(({ id }) => id !== message.id);
  }

  public hide(message: Message, seconds: number): void {
    const visibleAt = new Date(this.now().getTime() + seconds * 1000);
    this.messages = this.messages.map(each => (each.id === message.id ? { ...each, visibleAt } : each));
  }

  public visible(): Message[] {
    return this.messages.filter(({ visibleAt }) => visibleAt <= this.now());
  }
}
