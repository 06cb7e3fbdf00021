import { livingGrant, useOf, GrantUse } from '../../../src/core/trust/break-glass';
import {
  grantKey,
  grantKeys,
  grantKeysOf,
  lives,
  readGrant,
  type Grant,
} from '../../../src/core/trust/grant';
import { refused } from '../../../src/core/trust/refusal';
import { grant, STACK, STACK_ID } from '../support/grants';
import { IMAGE, minutes, NOW } from '../support/made';

describe('the keys of grants that can apply', () => {
  test('are those of the image and of every image, for the runner and its account', () => {
    expect(grantKeys(IMAGE, STACK_ID)).toEqual([
      `${STACK}|${IMAGE}`,
      `000000000000|${IMAGE}`,
      `${STACK}|*`,
      '000000000000|*',
    ]);
  });

  test.each([
    'arn:aws:ecs:us-east-1:000000000000:service/cluster/web',
    'arn:aws:lambda:us-east-1:000000000000:function:Gate',
  ])('are for %s too', runner => {
    expect(grantKeys(IMAGE, runner)).toContain(`${runner}|${IMAGE}`);
  });

  test('are those of the account alone where nothing else is named', () => {
    expect(grantKeys(IMAGE, '000000000000')).toEqual([`000000000000|${IMAGE}`, '000000000000|*']);
  });

  test.each(['', 'stack/app', 'arn:aws:ecs:us-east-1::service/web', '000000000000|x', `${STACK}|*`])(
    'are none for a runner that is no ARN of an account: %p',
    runner => {
      expect(grantKeys(IMAGE, runner)).toEqual([]);
    },
  );

  test('match the patterns that policies allow', () => {
    const patterns = grantKeysOf('000000000000').map(
      each => new RegExp(`^${each.replace(/[|]/g, '\\|').replaceAll('*', '.*')}$`),
    );
    for (const key of grantKeys(IMAGE, STACK_ID)) {
      expect(patterns.some(pattern => pattern.test(key))).toBe(true);
    }
  });
});

describe('a row (rule 5.11, break-glass)', () => {
  test('is a grant if it is exactly one', () => {
    expect(readGrant(grant())).toEqual(grant());
  });

  test.each<[string, object]>([
    ['has another key than it says', { pk: grantKey({ image: '*', scope: '000000000000' }) }],
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

test('of several rows, the first that lives counts', () => {
  const narrow = grant({ endedAt: NOW.toISOString() });
  const wide = grant({ image: '*' });
  expect(livingGrant([undefined, narrow, { broken: true }, wide], NOW)).toEqual(wide);
  expect(livingGrant([undefined, narrow], NOW)).toBeUndefined();
});

test('what is recorded of a use can be read back', () => {
  const use = useOf(grant(), IMAGE, STACK_ID, refused(IMAGE, 'FAILED', '1 violation'), NOW);
  expect(GrantUse.parse(JSON.parse(JSON.stringify(use)))).toEqual(use);
});
