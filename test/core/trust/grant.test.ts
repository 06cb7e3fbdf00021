import { livingGrant, useOf, GrantUse } from '../../../src/core/trust/break-glass';
import {
  covers,
  grantKey,
  grantKeys,
  grantKeysOf,
  livedAt,
  lives,
  notChecked,
  readGrant,
  type Grant,
} from '../../../src/core/trust/grant';
import { refused } from '../../../src/core/trust/refusal';
import { grant, STACK, STACK_ID } from '../support/grants';
import { IMAGE, minutes, NOW, scanId } from '../support/made';

describe('the keys of grants that can apply', () => {
  const keys = [`000000000000|${IMAGE}`, '000000000000|*'];

  test.each([
    STACK_ID,
    'arn:aws:ecs:us-east-1:000000000000:service/cluster/web',
    'arn:aws:lambda:us-east-1:000000000000:function:Gate',
    '000000000000',
  ])('are those of the image and of every image, in the account of %s', runner => {
    expect(grantKeys(IMAGE, runner)).toEqual(keys);
  });

  test.each(['', 'stack/app', 'arn:aws:ecs:us-east-1::service/web', '000000000000|x', `${STACK}|*`])(
    'are none for a runner that is no ARN of an account: %p',
    runner => {
      expect(grantKeys(IMAGE, runner)).toEqual([]);
    },
  );

  test('match the pattern that policies allow, and that of no other account', () => {
    const matches = (key: string, account: string) =>
      grantKeysOf(account).some(each =>
        new RegExp(`^${each.replace(/[|]/g, '\\|').replaceAll('*', '.*')}$`).test(key),
      );
    for (const key of keys) {
      expect([matches(key, '000000000000'), matches(key, '111111111111')]).toEqual([true, false]);
    }
  });
});

describe('a grant (rule 5.11, break-glass)', () => {
  const service = 'arn:aws:ecs:us-east-1:000000000000:service/cluster/web';
  const other = IMAGE.replace('team/', 'other/');

  test.each<[string, Partial<Grant>, string, string]>([
    ['its image in its stack, whatever its id', {}, IMAGE, STACK_ID],
    ['its image in its service', { scope: service }, IMAGE, service],
    ['its image in its account', { scope: '000000000000' }, IMAGE, STACK_ID],
    [
      'its image in its account, where nothing else is named',
      { scope: '000000000000' },
      IMAGE,
      '000000000000',
    ],
    ['every image in its stack', { image: '*' }, other, STACK_ID],
  ])('covers %s', (_what, changes, image, runner) => {
    expect(covers(grant(changes), image, runner)).toBe(true);
  });

  test.each<[string, Partial<Grant>, string, string]>([
    ['another image', {}, other, STACK_ID],
    ['another stack', {}, IMAGE, STACK_ID.replace('/app/', '/other/')],
    ['a stack whose name begins so', {}, IMAGE, STACK_ID.replace('/app/', '/apple/')],
    ['a stack of that name in another region', {}, IMAGE, STACK_ID.replace('us-east-1', 'eu-west-1')],
    ['a stack of another account', {}, IMAGE, STACK_ID.replace('000000000000', '111111111111')],
    ['the whole account', {}, IMAGE, '000000000000'],
    ['another account', { scope: '000000000000' }, IMAGE, STACK_ID.replace('000000000000', '111111111111')],
    ['what has the account in its name alone', { scope: '000000000000' }, IMAGE, 'x:000000000000:y'],
    [
      'a service of its name in another cluster',
      { scope: service },
      IMAGE,
      service.replace('cluster', 'other'),
    ],
    ['another image although the scope is right', { image: IMAGE, scope: '000000000000' }, other, STACK_ID],
  ])('does not cover %s', (_what, changes, image, runner) => {
    expect(covers(grant(changes), image, runner)).toBe(false);
  });
});

test('of an ARN the command says what nobody checks, and of another region that it is one', () => {
  const says = `not checked: whether ${STACK} exists and a gate asks for it; the refusal names the scope that its gate asks for`;
  expect(notChecked(grant())).toEqual([says]);
  expect(notChecked(grant({ image: '*' }))).toEqual([says]);
  const other = STACK.replace('us-east-1', 'eu-west-1');
  expect(notChecked(grant({ scope: other }))).toEqual([
    expect.stringContaining(other),
    'the scope is in eu-west-1, and the image in us-east-1',
  ]);
  expect(notChecked(grant({ scope: '000000000000' }))).toEqual([]);
});

describe('a row (rule 5.11, break-glass)', () => {
  test('is a grant if it is exactly one', () => {
    expect(readGrant(grant())).toEqual(grant());
  });

  test.each<[string, object]>([
    ['has the key of another image', { pk: grantKey({ image: '*', scope: STACK }) }],
    ['has the key of another account', { pk: grantKey({ image: IMAGE, scope: '111111111111' }) }],
    ['is of another schema', { schema: 2 }],
    ['has a field that no version knows', { extra: 1 }],
    ['names a tag', { image: '000000000000.us-east-1/team/app:v1' }],
    ['names no ticket', { ticket: '' }],
    ['names no justification', { justification: undefined }],
    ['names nobody who granted it', { grantedBy: '' }],
    ['has a time without a zone', { expiresAt: '2026-11-25T03:00:00' }],
    ['has no end', { expiresAt: undefined }],
    ['names a scope with a wildcard', { scope: 'arn:aws:ecs:us-east-1:000000000000:service/*' }],
  ])('that %s is no grant', (_what, changes) => {
    expect(readGrant({ ...grant(), ...changes })).toBeUndefined();
  });

  test.each([undefined, null, '', 7, [], {}])('%p is no grant', row => {
    expect(readGrant(row)).toBeUndefined();
  });
});

describe('by the clock of the gate, a grant (rule 5.11, break-glass)', () => {
  const times = (grantedAt: Date, expiresAt: Date): Partial<Grant> => ({
    grantedAt: grantedAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  });
  const moment = (change: number) => new Date(minutes(60).getTime() + change);

  test.each<[string, Partial<Grant>, Date]>([
    ['from its first moment', {}, NOW],
    ['until the last millisecond', {}, moment(-1)],
    ['for 24 hours', times(NOW, minutes(24 * 60)), minutes(24 * 60 - 1)],
    ['for every image for 4 hours', { image: '*', ...times(NOW, minutes(4 * 60)) }, minutes(4 * 60 - 1)],
    ['although the clock of the gate is a minute late', {}, minutes(-1)],
  ])('lives %s', (_when, changes, now) => {
    expect(lives(grant(changes), now)).toBe(true);
  });

  test.each<[string, Partial<Grant>, Date]>([
    ['at the moment of its end', {}, minutes(60)],
    ['after it was ended', { endedAt: minutes(1).toISOString() }, minutes(2)],
    ['if it was granted in the future', {}, new Date(minutes(-1).getTime() - 1)],
    ['if it was granted for more than 24 hours', times(NOW, new Date(minutes(24 * 60).getTime() + 1)), NOW],
    [
      'if it is for every image and for more than 4 hours',
      { image: '*', ...times(NOW, new Date(minutes(4 * 60).getTime() + 1)) },
      NOW,
    ],
  ])('does not live %s', (_when, changes, now) => {
    expect(lives(grant(changes), now)).toBe(false);
  });
});

describe('looked at later, a grant (rule 5.12, watchers)', () => {
  const ended = grant({ endedAt: minutes(30).toISOString() });

  test.each([-1, 0, 29])('that was ended after 30 minutes lived at minute %p', minute => {
    expect(livedAt(ended, minutes(minute))).toBe(true);
  });

  test.each([-2, 30, 61])('that was ended after 30 minutes did not live at minute %p', minute => {
    expect(livedAt(ended, minutes(minute))).toBe(false);
  });

  test('that nobody ended lived until its time was over', () => {
    expect([59, 60].map(minute => livedAt(grant(), minutes(minute)))).toEqual([true, false]);
  });
});

test('of several rows, the narrowest that lives and covers counts', () => {
  const account = '000000000000';
  const rows = [
    undefined,
    { broken: true },
    grant({ image: '*', scope: account }),
    grant({ image: '*' }),
    grant({ scope: account }),
    grant(),
    grant({ grantId: scanId(2), expiresAt: minutes(90).toISOString() }),
    grant({ grantId: scanId(3), endedAt: NOW.toISOString(), expiresAt: minutes(95).toISOString() }),
    grant({ scope: STACK.replace('/app', '/other') }),
  ];
  const counts: (Grant | undefined)[] = [];
  for (let left: readonly unknown[] = rows; left.length > 0;) {
    const found = livingGrant(left, IMAGE, STACK_ID, NOW);
    counts.push(found);
    left = found === undefined ? [] : left.filter(row => JSON.stringify(row) !== JSON.stringify(found));
  }
  expect(counts).toEqual([rows[6], rows[5], rows[4], rows[3], rows[2], undefined]);
});

test('what is recorded of a use can be read back', () => {
  const use = useOf(grant(), IMAGE, STACK_ID, refused(IMAGE, 'FAILED', '1 violation'), NOW);
  expect(GrantUse.parse(JSON.parse(JSON.stringify(use)))).toEqual(use);
});
