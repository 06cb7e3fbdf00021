import { newRow } from '../../../src/core/register/row';
import type { BreakGlassPorts, GrantUse } from '../../../src/core/trust/break-glass';
import type { Grant } from '../../../src/core/trust/grant';
import { wayOut } from '../../../src/core/trust/way-out';
import { askTrust, type AskContext } from '../../../use-cases/trust/ask-trust';
import { KEY } from '../../core/signing/crafted';
import { grant, STACK_ID } from '../../core/support/grants';
import { DIGEST, IMAGE, minutes, NOW } from '../../core/support/made';
import { signedRow } from '../../core/support/signing';

const OTHER_IMAGE = `000000000000.us-east-1/team/other@${DIGEST}`;
const OTHER_STACK = STACK_ID.replace('/app/', '/other/');

let read: string[];
let used: GrantUse[];

beforeEach(() => {
  [read, used] = [[], []];
});

function breakGlass(grants: readonly unknown[], changes: Partial<BreakGlassPorts> = {}): BreakGlassPorts {
  return {
    grants: async key => {
      read.push(key);
      return grants.filter(each => (each as Grant).pk === key);
    },
    recordUse: async use => {
      used.push(use);
    },
    ...changes,
  };
}

const ask = (image: string, changes: Partial<AskContext>, over = new AbortController().signal) =>
  askTrust(
    image,
    {
      register: { load: async name => newRow(name) },
      keys: { all: async () => [KEY.verification] },
      policies: { policy: async () => undefined },
      scope: STACK_ID,
      now: NOW,
      pause: () => new Promise(() => undefined),
      ...changes,
    },
    over,
  );

describe('a gate (rule 5.11, break-glass)', () => {
  test('reads no grant for an image that is trusted', async () => {
    const register = { load: async () => signedRow(KEY) };
    const { decision } = await ask(IMAGE, { register, breakGlass: breakGlass([grant()]) });
    expect(decision).toMatchObject({ trusted: true });
    expect(decision).not.toHaveProperty('grant');
    expect([read, used]).toEqual([[], []]);
  });

  test('admits what a grant names, and records the use before', async () => {
    const { decision, row } = await ask(IMAGE, { breakGlass: breakGlass([grant()]) });
    expect(decision).toEqual({
      trusted: true,
      image: IMAGE,
      validUntil: minutes(60).toISOString(),
      grant: grant(),
    });
    expect(row?.pk).toBe(IMAGE);
    expect(used).toEqual([
      expect.objectContaining({ grant: grant(), image: IMAGE, runner: STACK_ID, reason: 'NO_VERDICT' }),
    ]);
  });

  test('refuses what no grant names, says the same as without grants, and how to grant', async () => {
    const { row, decision } = await ask(IMAGE, {});
    expect(decision).toMatchObject({ trusted: false });
    expect(decision).not.toHaveProperty('wayOut');
    expect(await ask(IMAGE, { breakGlass: breakGlass([], { stack: 'Platform' }) })).toEqual({
      row,
      decision: { ...decision, wayOut: wayOut(IMAGE, STACK_ID, 'Platform') },
    });
  });

  test.each<[string, string, Partial<AskContext>]>([
    ['another image', OTHER_IMAGE, {}],
    ['another stack', IMAGE, { scope: OTHER_STACK }],
    ['a stack of another account', IMAGE, { scope: STACK_ID.replace('000000000000', '111111111111') }],
    ['what is no ARN', IMAGE, { scope: 'app' }],
    ['a later time', IMAGE, { now: minutes(60) }],
    ['an earlier time', IMAGE, { now: minutes(-2) }],
  ])('refuses %s', async (_what, image, changes) => {
    const { decision } = await ask(image, { breakGlass: breakGlass([grant()]), ...changes });
    expect(decision).toMatchObject({ trusted: false, reason: 'NO_VERDICT' });
    expect(used).toEqual([]);
  });

  test('admits every image of an account while the emergency off lives', async () => {
    const off = grant({ image: '*', scope: '000000000000' });
    for (const image of [IMAGE, OTHER_IMAGE]) {
      for (const scope of [STACK_ID, OTHER_STACK]) {
        const { decision } = await ask(image, { scope, breakGlass: breakGlass([off]) });
        expect(decision).toMatchObject({ trusted: true, grant: off });
      }
    }
    expect(used).toHaveLength(4);
  });

  test('refuses if the use cannot be recorded', async () => {
    const recordUse = async () => Promise.reject(new Error('the queue is gone'));
    const { decision } = await ask(IMAGE, { breakGlass: breakGlass([grant()], { recordUse }) });
    expect(decision).toMatchObject({
      trusted: false,
      reason: 'NO_VERDICT',
      says: expect.stringMatching(/has not been judged yet$/),
      notLifted: expect.stringMatching(
        /^no grant lifts this: the use of break-glass grant \w{26} could not be recorded \(Error: the queue is gone\)$/,
      ),
    });
    expect(decision).not.toHaveProperty('wayOut'); // there is a grant
  });

  test('refuses if grants cannot be read', async () => {
    const lookup = async () => Promise.reject(new Error('AccessDenied'));
    const { decision } = await ask(IMAGE, { breakGlass: breakGlass([grant()], { grants: lookup }) });
    expect(decision).toMatchObject({
      trusted: false,
      notLifted: expect.stringContaining('could not be read'),
    });
    expect(decision).not.toHaveProperty('wayOut'); // the next would not be read either
    expect(used).toEqual([]);
  });

  test('admits by a grant that it read although the register does not answer', async () => {
    const register = { load: async () => Promise.reject(new Error('no table')) };
    const granted = await ask(IMAGE, { register, breakGlass: breakGlass([grant()]) });
    expect(granted.decision).toMatchObject({ trusted: true, grant: grant() });
    expect(used).toEqual([expect.objectContaining({ reason: 'LOOKUP_FAILED' })]);
    const refused = await ask(OTHER_IMAGE, { register, breakGlass: breakGlass([grant()]) });
    expect(refused.decision).toMatchObject({ trusted: false, reason: 'LOOKUP_FAILED' });
  });

  test.each<[string, Partial<AskContext>, boolean]>([
    ['the register hangs', { register: { load: () => new Promise(() => undefined) } }, true],
    [
      'AWS KMS hangs',
      { register: { load: async () => signedRow(KEY) }, keys: { all: () => new Promise(() => undefined) } },
      true,
    ],
    ['nothing hangs', {}, false],
  ])('reads grants while %s: after five seconds that is a failed lookup', async (_, hangs, isLate) => {
    const pause = async (seconds: number) =>
      isLate && seconds === 5 ? undefined : new Promise<void>(() => undefined);
    for (const each of [grant(), grant({ image: '*', scope: '000000000000' })]) {
      const { decision } = await ask(IMAGE, { ...hangs, pause, breakGlass: breakGlass([each]) });
      expect(decision).toMatchObject({ trusted: true, grant: each });
    }
    expect(used).toMatchObject(Array(2).fill({ reason: isLate ? 'LOOKUP_FAILED' : 'NO_VERDICT' }));
    const { decision } = await ask(IMAGE, { ...hangs, pause, breakGlass: breakGlass([]) });
    expect(decision.trusted).toBe(false);
    if (isLate) {
      expect(decision).toMatchObject({ says: expect.stringContaining('no answer within 5 seconds') });
    }
  });

  test('uses no grant where nobody waits for the answer any more', async () => {
    const over = new AbortController();
    const late = breakGlass([grant()]);
    const grants = async (key: string) => {
      over.abort();
      return late.grants(key);
    };
    const { decision } = await ask(IMAGE, { breakGlass: { ...late, grants } }, over.signal);
    expect(decision).toMatchObject({ trusted: false, reason: 'NO_VERDICT' });
    expect(used).toEqual([]);
  });

  test('takes a broken row for no grant', async () => {
    const { decision } = await ask(IMAGE, { breakGlass: breakGlass([{ ...grant(), ticket: 7 }]) });
    expect(decision.trusted).toBe(false);
  });
});
