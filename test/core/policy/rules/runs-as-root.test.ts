import * as fc from 'fast-check';
import { check, issues } from '../../support/check';
import { ruleInput } from '../../support/made';
import { parsed, rawReport } from '../../support/reports';

function asUser(user: unknown): string[] {
  const raw = rawReport('clean');
  raw.Metadata.ImageConfig.config = user === undefined ? {} : { User: user };
  return issues(check('runs-as-root', ruleInput('clean', { report: parsed(raw) })));
}

describe('runs-as-root', () => {
  test.each([
    '65532',
    '65532:65532',
    '1',
    '1000:0',
    'app',
    'app:app',
    '_apt',
    'nobody',
    'www-data',
    'a.b',
    'root2',
    'rooted:root',
    '2147483647',
    '2147483647:0',
  ])('passes USER %s', user => {
    expect(asUser(user)).toEqual([]);
  });

  test.each([
    undefined,
    '',
    '0',
    '0:0',
    '0:65532',
    '00',
    '000:1',
    '+0',
    '-0',
    '0x0',
    'root',
    'root:root',
    'root:1000',
    ':',
    ':1000',
    ' ',
    ' 1000',
    '1000 ',
    '1000\n',
    '０',
    '٠',
    '-1',
    '1e3',
    '1.5',
    '$USER',
    'app user',
    '\u0000',
    '1000\u0000',
    '2147483648',
    '4294967294',
    '4294967295',
    '4294967296',
    '4294967296:65532',
    '42949672960000',
    '1'.repeat(400),
  ])('fails USER %j', user => {
    expect(asUser(user)).toHaveLength(1);
  });

  test('fails the root of a runtime that keeps 32 bits of a user id, and says so', () => {
    expect(issues(check('runs-as-root', ruleInput('attacks/user-4294967296')))).toEqual([
      'the image runs as user "4294967296", which some runtimes cut down to root; user ids end at 2147483647',
    ]);
  });

  test.each(['root', 'root-without-history'])('fails %s by its config, whatever its history says', name => {
    expect(issues(check('runs-as-root', ruleInput(name)))).toEqual([
      'the image names no user, so it runs as root',
    ]);
  });

  test('fails an image without any config', () => {
    const raw = rawReport('clean');
    delete raw.Metadata.ImageConfig.config;
    expect(issues(check('runs-as-root', ruleInput('clean', { report: parsed(raw) })))).toHaveLength(1);
  });

  test('whatever passes is a number from 1 on, or a name that is not root', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.stringMatching(/^[+-]?0*[0-9a-z]{0,3}(:[0-9]*)?$/),
          fc.bigInt(0n, 2n ** 80n).map(String),
          fc.bigInt(0n, 2n ** 40n).map(times => String(times * 2n ** 32n)),
        ),
        user => {
          if (asUser(user).length > 0) return;
          const [name] = user.split(':');
          expect(name === 'root' || Number(name) % 2 ** 32 === 0).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });
});
