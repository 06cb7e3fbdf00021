import { rulesOfService } from '../../../src/core/gates/gate-rules';
import type { Decided } from '../../../src/core/gates/next-step';
import { newRow } from '../../../src/core/register/row';
import { ok } from '../../../src/core/result';
import { Seconds } from '../../../src/core/times';
import type { BreakGlassPorts, GrantUse } from '../../../src/core/trust/break-glass';
import type { Grant } from '../../../src/core/trust/grant';
import type { Refused } from '../../../src/core/trust/refusal';
import { wayOut } from '../../../src/core/trust/way-out';
import { decideImages, type GateContext } from '../../../use-cases/gates/decide-images';
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

/** The last look of a deployment that nobody else refuses or admits. */
async function ask(
  image: string,
  { scope = STACK_ID, ...changes }: Partial<GateContext> & { readonly scope?: string },
): Promise<Decided> {
  const question = {
    subject: 'an image',
    scope,
    rules: rulesOfService('REFUSE', true),
    showsReason: true,
    images: async () => ok([{ of: 'the image', image }]),
    rollback: 'NO' as const,
  };
  return decideImages(question, {
    register: { load: async name => newRow(name) },
    keys: { all: async () => [KEY.verification] },
    policies: { policy: async () => undefined },
    now: NOW,
    pause: () => new Promise(() => undefined),
    evidenceBucket: 'evidence',
    report: async () => undefined,
    say: () => undefined,
    ...changes,
  });
}

async function refusalOf(...asked: Parameters<typeof ask>): Promise<Refused> {
  const decided = await ask(...asked);
  if (decided.step !== 'refuse') throw new Error(`not refused: ${JSON.stringify(decided)}`);
  return decided.refusals[0].refused;
}

const admittedBy = (found: Grant, image = IMAGE) => ({
  step: 'admit',
  images: [
    {
      grant: {
        found,
        isUseRecorded: true,
        note: `${image} is admitted by break-glass grant ${found.grantId} of ${found.grantedBy}, ticket ${found.ticket}, until ${found.expiresAt}`,
      },
    },
  ],
});

describe('a gate (rule 5.11, break-glass)', () => {
  test('reads no grant for an image that is trusted', async () => {
    const register = { load: async () => signedRow(KEY) };
    const decided = await ask(IMAGE, { register, breakGlass: breakGlass([grant()]) });
    expect(decided).toEqual({
      step: 'admit',
      images: [expect.not.objectContaining({ grant: expect.anything() })],
    });
    expect([read, used]).toEqual([[], []]);
  });

  test('admits what a grant names, and records the use before', async () => {
    const decided = await ask(IMAGE, { breakGlass: breakGlass([grant()]) });
    expect(decided).toMatchObject(admittedBy(grant()));
    expect(decided).toMatchObject({ images: [{ image: IMAGE, row: { pk: IMAGE } }] });
    expect(used).toEqual([
      expect.objectContaining({ grant: grant(), image: IMAGE, runner: STACK_ID, reason: 'NO_VERDICT' }),
    ]);
  });

  test('refuses what no grant names, says the same as without grants, and how to grant', async () => {
    const refused = await refusalOf(IMAGE, {});
    expect(refused).not.toHaveProperty('wayOut');
    expect(await refusalOf(IMAGE, { breakGlass: breakGlass([], { stack: 'Platform' }) })).toEqual({
      ...refused,
      wayOut: wayOut(IMAGE, STACK_ID, 'Platform'),
    });
  });

  test.each<[string, string, Parameters<typeof ask>[1]]>([
    ['another image', OTHER_IMAGE, {}],
    ['another stack', IMAGE, { scope: OTHER_STACK }],
    ['a stack of another account', IMAGE, { scope: STACK_ID.replace('000000000000', '111111111111') }],
    ['what is no ARN', IMAGE, { scope: 'app' }],
    ['a later time', IMAGE, { now: minutes(60) }],
    ['an earlier time', IMAGE, { now: minutes(-2) }],
  ])('refuses %s', async (_what, image, changes) => {
    const refused = await refusalOf(image, { breakGlass: breakGlass([grant()]), ...changes });
    expect(refused).toMatchObject({ reason: 'NO_VERDICT' });
    expect(used).toEqual([]);
  });

  test('admits every image of an account while the emergency off lives', async () => {
    const off = grant({ image: '*', scope: '000000000000' });
    for (const image of [IMAGE, OTHER_IMAGE]) {
      for (const scope of [STACK_ID, OTHER_STACK]) {
        expect(await ask(image, { scope, breakGlass: breakGlass([off]) })).toMatchObject(
          admittedBy(off, image),
        );
      }
    }
    expect(used).toHaveLength(4);
  });

  test('refuses if the use cannot be recorded', async () => {
    const recordUse = async () => Promise.reject(new Error('the queue is gone'));
    const refused = await refusalOf(IMAGE, { breakGlass: breakGlass([grant()], { recordUse }) });
    expect(refused).toMatchObject({
      reason: 'NO_VERDICT',
      says: expect.stringMatching(/has not been judged yet$/),
      notLifted: expect.stringMatching(
        /^no grant lifts this: the use of break-glass grant \w{26} could not be recorded \(Error: the queue is gone\)$/,
      ),
    });
    expect(refused).not.toHaveProperty('wayOut'); // there is a grant
  });

  test('refuses if grants cannot be read', async () => {
    const lookup = async () => Promise.reject(new Error('AccessDenied'));
    const refused = await refusalOf(IMAGE, { breakGlass: breakGlass([grant()], { grants: lookup }) });
    expect(refused).toMatchObject({ notLifted: expect.stringContaining('could not be read') });
    expect(refused).not.toHaveProperty('wayOut'); // the next would not be read either
    expect(used).toEqual([]);
  });

  test('admits by a grant that it read although the register does not answer', async () => {
    const register = { load: async () => Promise.reject(new Error('no table')) };
    expect(await ask(IMAGE, { register, breakGlass: breakGlass([grant()]) })).toMatchObject(
      admittedBy(grant()),
    );
    expect(used).toEqual([expect.objectContaining({ reason: 'LOOKUP_FAILED' })]);
    const refused = await refusalOf(OTHER_IMAGE, { register, breakGlass: breakGlass([grant()]) });
    expect(refused).toMatchObject({ reason: 'LOOKUP_FAILED' });
  });

  test.each<[string, Partial<GateContext>, boolean]>([
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
      expect(await ask(IMAGE, { ...hangs, pause, breakGlass: breakGlass([each]) })).toMatchObject(
        admittedBy(each),
      );
    }
    expect(used).toMatchObject(Array(2).fill({ reason: isLate ? 'LOOKUP_FAILED' : 'NO_VERDICT' }));
    const { says } = await refusalOf(IMAGE, { ...hangs, pause, breakGlass: breakGlass([]) });
    expect(says).toContain(isLate ? 'no answer within 5 seconds' : 'it has not been judged yet');
  });

  test('uses no grant where nobody waits for the answer any more', async () => {
    const late = breakGlass([grant()]);
    let isOver!: () => void;
    const pause = async (seconds: number) =>
      new Promise<void>(resolve => {
        if (seconds === Seconds.gateDecides) isOver = resolve;
      });
    const grants = async (key: string) => {
      isOver();
      await new Promise(setImmediate);
      return late.grants(key);
    };
    const refused = await refusalOf(IMAGE, { pause, breakGlass: { ...late, grants } });
    expect(refused.says).toContain('no decision within 15 seconds');
    await new Promise(setImmediate);
    expect([read, used]).toEqual([expect.arrayContaining([grant().pk]), []]);
  });

  test('takes a broken row for no grant', async () => {
    const refused = await refusalOf(IMAGE, { breakGlass: breakGlass([{ ...grant(), ticket: 7 }]) });
    expect(refused).toMatchObject({ reason: 'NO_VERDICT' });
  });
});
