import { isDenied } from '../../adapters/aws/aws-error';
import type { DeadLetterQueues, HeldLetter } from '../../adapters/aws/dead-letters';
import type { QueueFacts } from '../../adapters/aws/queue-facts';
import { inParallel } from '../../adapters/in-parallel';
import { wayBack, whyDead } from '../../src/core/queues/dead-letter';
import { AtOnce } from '../../src/core/times';

/** A queue of a trust, by its logical id. */
export interface NamedQueue {
  readonly name: string;
  readonly url: string;
}

/** What became of a dead letter. */
export interface Redriven {
  readonly messageId: string;
  /** The name of the queue that it is of. Absent: nobody knows. */
  readonly queue?: string;
  /** Why it was a dead letter. */
  readonly why: string;
  readonly state: 'back' | 'stays';
  /** Why it stays. */
  readonly stays?: string;
}

export interface Redrive {
  readonly letters: readonly Redriven[];
  /** Dead-letter queues that may not be read. */
  readonly unread: readonly { readonly queue: string; readonly error: string }[];
}

type Ports = Pick<DeadLetterQueues, 'facts' | 'receive' | 'bringBack' | 'letGo'>;
type Known = QueueFacts & NamedQueue;

/**
 * Brings each dead letter of a trust back to the queue that it is of.
 *
 * @param isDry nothing is brought back
 */
export async function redrive(
  queues: readonly NamedQueue[],
  ports: Ports,
  { isDry }: { readonly isDry: boolean },
): Promise<Redrive> {
  const known = await inParallel(AtOnce.queries, queues, async (queue): Promise<Known> => ({
    ...queue,
    ...(await ports.facts(queue.url)),
  }));
  const dead = new Set(known.map(({ deadLetters }) => deadLetters));
  const letters: Redriven[] = [];
  const unread: { queue: string; error: string }[] = [];
  for (const from of known.filter(({ arn, messages }) => dead.has(arn) && messages > 0)) {
    try {
      letters.push(...(await new QueueRedrive(from, known, ports, isDry).run()));
    } catch (error) {
      if (!isDenied(error)) throw error;
      unread.push({ queue: from.name, error: (error as Error).message });
    }
  }
  return { letters, unread };
}

/** Of one dead-letter queue. What stays is held until the end, so that it is received once. */
class QueueRedrive {
  private readonly seen = new Set<string>();
  private readonly sent = new Set<string>();
  private readonly held: HeldLetter[] = [];

  constructor(
    private readonly from: Known,
    private readonly known: readonly Known[],
    private readonly ports: Ports,
    private readonly isDry: boolean,
  ) {}

  public async run(): Promise<Redriven[]> {
    const done: Redriven[] = [];
    try {
      for (let some = await this.next(); some.length > 0; some = await this.next()) {
        for (const letter of some) done.push(await this.one(letter));
      }
    } finally {
      const { ports, from, held } = this;
      await inParallel(AtOnce.queries, held, async letter => ports.letGo(letter, from.url));
    }
    return done;
  }

  /** Those that were not received before. */
  private async next(): Promise<HeldLetter[]> {
    const some = await this.ports.receive(this.from.url);
    const fresh = some.filter(({ id }) => !this.seen.has(id));
    for (const letter of fresh) {
      this.seen.add(letter.id);
      this.held.push(letter);
    }
    return fresh;
  }

  private async one(letter: HeldLetter): Promise<Redriven> {
    const { from, ports } = this;
    const said = { messageId: letter.id, why: whyDead(letter) };
    const way = wayBack(letter, from.arn, this.known);
    if (!way.ok) return { ...said, state: 'stays', stays: way.error };
    const { name, url } = way.value;
    const what = `${url} ${letter.body}`;
    if (this.sent.has(what)) {
      // a message that fails at once would go round and round
      return { ...said, queue: name, state: 'stays', stays: 'the same message was brought back just now' };
    }
    if (!this.isDry) {
      this.sent.add(what);
      await ports.bringBack(letter, from.url, url);
      this.held.splice(this.held.indexOf(letter), 1);
    }
    return { ...said, queue: name, state: 'back' };
  }
}
