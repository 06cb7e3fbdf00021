import type { GrantEvent } from '../../../src/core/events/grant-events';
import { Seconds } from '../../../src/core/times';
import { useOf } from '../../../src/core/trust/break-glass';
import { lives, type Grant } from '../../../src/core/trust/grant';
import { GrantMessage, type WatchedGrant } from '../../../src/core/trust/grant-watch';
import { refused } from '../../../src/core/trust/refusal';
import { grantBreakGlass } from '../../../use-cases/break-glass/grant-break-glass';
import { watchGrants } from '../../../use-cases/break-glass/watch-grants';
import { CALLER, grant, STACK, STACK_ID } from '../../core/support/grants';
import { IMAGE, minutes, NOW, scanId } from '../../core/support/made';

/** The table, the queue and the bus. */
class Emergency {
  /** By the id of the grant. */
  public readonly rows = new Map<string, Grant>();
  public readonly messages: GrantMessage[] = [];
  public readonly events: GrantEvent[] = [];
  /** What happened, in order. */
  public readonly order: string[] = [];
  public now = NOW;
  public living = 0;
  private ids = 0;

  public async call(body: object, caller = CALLER) {
    return grantBreakGlass(caller, body, {
      grants: {
        of: async key => [...this.rows.values()].filter(({ pk }) => pk === key),
        put: async each => {
          this.order.push('write');
          this.rows.set(each.grantId, each);
        },
        end: async each => {
          if (this.rows.get(each.grantId)?.endedAt !== undefined) return false;
          this.rows.set(each.grantId, each);
          return true;
        },
      },
      watched: {
        send: async message => {
          this.order.push('watch');
          this.messages.push(message);
        },
      },
      accounts: ['000000000000'],
      now: this.now,
      newId: () => scanId((this.ids += 1)),
    });
  }

  public async look(message: GrantMessage) {
    return watchGrants(message, {
      now: this.now,
      grant: async (key, grantId) => {
        const row = this.rows.get(grantId);
        return row?.pk === key ? row : undefined;
      },
      publish: async event => {
        this.events.push(event);
      },
      watchAgain: async again => {
        this.messages.push(again);
      },
      countLiving: () => {
        this.living += 1;
      },
    });
  }
}

const WANTED = {
  action: 'grant',
  image: IMAGE,
  scope: STACK_ID,
  forSeconds: 3600,
  justification: 'the scanner is down and the shop too',
  ticket: 'INC-7',
};

let emergency: Emergency;

beforeEach(() => {
  emergency = new Emergency();
});

describe('a call (rule 5.11, break-glass)', () => {
  test('is watched before it is written', async () => {
    expect(await emergency.call(WANTED)).toEqual({ granted: grant() });
    expect(emergency.order).toEqual(['watch', 'write']);
    expect([...emergency.rows.values()]).toEqual([grant()]);
  });

  test('names the caller that AWS named, whatever its body says', async () => {
    await emergency.call({ ...WANTED, grantedBy: 'arn:aws:iam::000000000000:user/boss', caller: 'boss' });
    expect([...emergency.rows.values()]).toEqual([expect.objectContaining({ grantedBy: CALLER })]);
  });

  test.each<[string, object, RegExp]>([
    ['that wants nothing', { action: undefined }, /^action is missing, allowed: "grant", "end"$/],
    ['that wants too much', { forSeconds: 86_401 }, /^forSeconds is 86401/],
    ['for another account', { scope: '111111111111' }, /^scope is of account 111111111111/],
  ])('%s writes nothing', async (_what, changes, message) => {
    const answer = await emergency.call({ ...WANTED, ...changes });
    expect(answer).toEqual({ problems: [expect.stringMatching(message)] });
    expect([emergency.rows.size, emergency.messages.length]).toEqual([0, 0]);
  });

  test('ends a grant, once', async () => {
    await emergency.call(WANTED);
    emergency.now = minutes(5);
    const end = { action: 'end', image: IMAGE, scope: STACK };
    expect(await emergency.call(end, 'arn:aws:iam::000000000000:user/bob')).toMatchObject({
      ended: [{ endedAt: minutes(5).toISOString(), endedBy: 'arn:aws:iam::000000000000:user/bob' }],
    });
    expect(await emergency.call(end)).toEqual({
      problems: [expect.stringMatching(/^no active grant for .*: list those that are active$/)],
    });
  });
});

describe('a second grant for the same image and scope (rule 5.11, break-glass)', () => {
  const end = { action: 'end', image: IMAGE, scope: STACK };

  test('leaves the first as it is: nobody ends or hides a grant by granting again', async () => {
    await emergency.call({ ...WANTED, forSeconds: 86_400 });
    const first = [...emergency.rows.values()];
    emergency.now = minutes(1);
    await emergency.call({ ...WANTED, forSeconds: 60 }, 'arn:aws:iam::000000000000:user/mallory');
    expect(emergency.rows.size).toBe(2);
    expect([...emergency.rows.values()]).toEqual(expect.arrayContaining(first));
  });

  test('is ended with the first by one call, and others are not', async () => {
    await emergency.call(WANTED);
    await emergency.call({ ...WANTED, forSeconds: 7200 });
    const others = [{ scope: `${STACK}-two` }, { image: '*' }, { scope: '000000000000' }];
    for (const changes of others) await emergency.call({ ...WANTED, ...changes });
    emergency.now = minutes(1);
    expect(await emergency.call(end)).toMatchObject({
      ended: [{ grantId: scanId(1) }, { grantId: scanId(2) }],
    });
    const living = [...emergency.rows.values()].filter(each => lives(each, emergency.now));
    expect(living.map(({ grantId }) => grantId)).toEqual([3, 4, 5].map(scanId));
  });

  test('keeps who ended the first', async () => {
    await emergency.call(WANTED);
    await emergency.call(end, 'arn:aws:iam::000000000000:user/bob');
    const [first] = [...emergency.rows.values()];
    await emergency.call(WANTED);
    await emergency.call(end);
    expect(emergency.rows.get(first!.grantId)).toEqual(first);
  });
});

describe('the watcher (rule 5.11, break-glass)', () => {
  const message = (): WatchedGrant => emergency.messages.at(-1) as WatchedGrant;
  const types = () => emergency.events.map(({ detailType }) => detailType);

  test('publishes a grant, counts it while it is active, and publishes its end', async () => {
    await emergency.call(WANTED);
    expect(await emergency.look(message())).toMatchObject({ done: expect.stringContaining('published') });
    const watched = message();
    expect(watched.isPublished).toBe(true);
    expect(await emergency.look(watched)).toMatchObject({ deferSeconds: Seconds.grantLook });
    emergency.now = minutes(59);
    expect(await emergency.look(watched)).toMatchObject({ deferSeconds: 60 });
    expect(emergency.living).toBe(3);
    emergency.now = minutes(60);
    expect(await emergency.look(watched)).toMatchObject({ done: expect.stringContaining('has ended') });
    expect(emergency.living).toBe(3);
    expect(types()).toEqual(['Break-Glass Granted', 'Break-Glass Ended']);
    expect(emergency.events[1]!.detail).toMatchObject({ granted: IMAGE, endedAt: minutes(60).toISOString() });
    expect(emergency.events[1]!.detail).not.toHaveProperty('endedBy');
  });

  test('publishes who ended it', async () => {
    await emergency.call(WANTED);
    await emergency.look(message());
    await emergency.call({ action: 'end', image: IMAGE, scope: STACK });
    await emergency.look(message());
    expect(emergency.events.at(-1)).toMatchObject({
      detailType: 'Break-Glass Ended',
      detail: { endedBy: CALLER, ticket: 'INC-7' },
    });
  });

  test('waits for a grant that is not written yet, and gives up', async () => {
    const early: WatchedGrant = {
      kind: 'grant',
      pk: grant().pk,
      grantId: grant().grantId,
      sentAt: NOW.toISOString(),
      isPublished: false,
    };
    expect(await emergency.look(early)).toMatchObject({ deferSeconds: Seconds.grantWrittenPoll });
    for (const seconds of [Seconds.grantWritten, -Seconds.clockSkew - 1, -365 * 86_400]) {
      emergency.now = new Date(NOW.getTime() + seconds * 1000);
      expect(await emergency.look(early)).toMatchObject({ done: expect.stringContaining('never written') });
    }
    expect(types()).toEqual([]);
  });

  describe.each<[string, (first: Grant) => Promise<unknown>]>([
    ['nothing else happens', async () => undefined],
    ['it was granted again', async () => emergency.call({ ...WANTED, forSeconds: 7200 })],
    [
      'it was ended, and granted again for every image',
      async () => {
        await emergency.call({ action: 'end', image: IMAGE, scope: STACK });
        await emergency.call({ ...WANTED, image: '*' });
      },
    ],
    [
      'it was ended, and granted again by somebody else',
      async () => {
        await emergency.call({ action: 'end', image: IMAGE, scope: STACK });
        await emergency.call(WANTED, 'arn:aws:iam::000000000000:user/mallory');
      },
    ],
  ])('where %s before the first look', (_what, meanwhile) => {
    test.each([0, 30, 60 * 24])('publishes grant, use and end, also %s minutes later', async late => {
      await emergency.call(WANTED);
      const [first] = [...emergency.rows.values()] as [Grant];
      const use = useOf(first, IMAGE, STACK_ID, refused(IMAGE, 'REVOKED'), NOW);
      emergency.messages.push({ kind: 'use', use });
      await meanwhile(first);
      emergency.now = minutes(late);
      for (const each of emergency.messages) await emergency.look(each); // and those that it sends itself
      emergency.now = minutes(late + 60);
      for (const each of emergency.messages.filter(({ kind }) => kind === 'grant')) {
        await emergency.look(each);
      }
      const told = new Set(
        emergency.events
          .filter(({ detail }) => detail.grantId === first.grantId && detail.grantedBy === CALLER)
          .map(({ detailType }) => detailType),
      );
      expect([...told].sort()).toEqual(['Break-Glass Ended', 'Break-Glass Granted', 'Break-Glass Used']);
      for (const { grantId } of emergency.rows.values()) {
        const granted = emergency.events.filter(
          each => each.detailType === 'Break-Glass Granted' && each.detail.grantId === grantId,
        );
        expect(granted.length).toBeGreaterThan(0);
      }
    });
  });

  test('that first looks when a grant has ended publishes both, and counts none that is active', async () => {
    await emergency.call(WANTED);
    await emergency.call({ action: 'end', image: IMAGE, scope: STACK });
    emergency.now = minutes(600);
    await emergency.look(message());
    expect(await emergency.look(message())).toMatchObject({ done: expect.stringContaining('has ended') });
    expect(types()).toEqual(['Break-Glass Granted', 'Break-Glass Ended']);
    expect(emergency.events[1]!.detail).toMatchObject({ endedAt: NOW.toISOString(), endedBy: CALLER });
    expect(emergency.living).toBe(0);
  });

  test('that gets a message twice publishes the same twice: an event is a hint', async () => {
    await emergency.call(WANTED);
    const [first] = emergency.messages as [WatchedGrant];
    await emergency.look(first);
    await emergency.look(first);
    const [one, other] = emergency.events;
    expect(one).toEqual(other);
    emergency.now = minutes(60);
    for (const each of emergency.messages.slice(1)) await emergency.look(each);
    expect(types()).toEqual([
      'Break-Glass Granted',
      'Break-Glass Granted',
      'Break-Glass Ended',
      'Break-Glass Ended',
    ]);
    expect(new Set(emergency.events.map(({ detail }) => detail.grantId)).size).toBe(1);
  });

  test('publishes every use, also of a grant that has ended, with what the table says of it', async () => {
    await emergency.call(WANTED);
    await emergency.call({ action: 'end', image: IMAGE, scope: STACK });
    const claimed = grant({ grantedBy: 'arn:aws:iam::000000000000:user/boss', ticket: 'INC-8' });
    const use = useOf(claimed, IMAGE, STACK_ID, refused(IMAGE, 'REVOKED', '1 violation'), NOW);
    await emergency.look({ kind: 'use', use });
    expect(emergency.events).toEqual([
      {
        detailType: 'Break-Glass Used',
        detail: expect.objectContaining({
          version: 1,
          grantId: grant().grantId,
          granted: IMAGE,
          image: IMAGE,
          runner: STACK_ID,
          reason: 'REVOKED',
          grantedBy: CALLER,
          ticket: 'INC-7',
        }),
      },
    ]);
  });

  test.each<[string, Partial<Grant>, string]>([
    ['of another account', { scope: '111111111111' }, STACK_ID],
    ['of every image, where one was granted', { image: '*' }, STACK_ID],
    ['that is not in the table', { grantId: scanId(9) }, STACK_ID],
    ['for another runner', {}, `${STACK}-two/6f1c8a50-7c11-11f0-8f3a-0a58a9feac02`],
  ])('publishes no use of a grant %s', async (_what, changes, runner) => {
    await emergency.call(WANTED);
    const use = useOf(grant(changes), IMAGE, runner, refused(IMAGE, 'REVOKED', '1 violation'), NOW);
    expect(await emergency.look({ kind: 'use', use })).toEqual({
      poison: 'a use of a grant that is not in the table',
    });
    expect(types()).toEqual([]);
  });

  test.each([
    ['as long as a gate makes it', 400, true],
    ['longer', 401, false],
  ])('takes a reason that is %s: %s characters', (_what, length, isRead) => {
    const use = useOf(grant(), IMAGE, STACK_ID, refused(IMAGE, 'REVOKED'), NOW);
    const sent = { kind: 'use', use: { ...use, says: 'a'.repeat(length) } };
    expect(GrantMessage.safeParse(sent).success).toBe(isRead);
  });
});
