import * as fc from 'fast-check';
import type { UserEntry } from '../../../../src/core/image/starts-as-root';
import type { TrivyReport } from '../../../../src/core/scanning/trivy-report';
import { check, issues } from '../../support/check';
import { ruleInput } from '../../support/made';
import { parsed, rawReport } from '../../support/reports';

function reportOf(user: unknown, entry?: UserEntry): TrivyReport {
  const raw = rawReport('clean');
  raw.Metadata.ImageConfig.config = user === undefined ? {} : { User: user };
  const report = parsed(raw);
  if (entry !== undefined) report.Metadata.ImageConfig.config!.UserEntry = entry;
  return report;
}

/** By default the image maps each name to 1000. */
function asUser(
  user: unknown,
  entry: UserEntry | undefined = typeof user === 'string' && /^[^\d:]/.test(user)
    ? { Name: user.split(':')[0]!, Uid: 1000, Line: 2 }
    : undefined,
): string[] {
  return issues(check('runs-as-root', ruleInput('clean', { report: reportOf(user, entry) })));
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

  describe('looks a name up in /etc/passwd of the image', () => {
    test.each<[string, Partial<UserEntry>, string]>([
      ['app', { Uid: 0, Line: 3 }, 'USER app is root: /etc/passwd maps it to 0 (line 3)'],
      ['app:1000', { Uid: 0, Line: 3 }, 'USER app is root: /etc/passwd maps it to 0 (line 3)'],
      ['app', { Uid: 0 }, 'USER app is root: /etc/passwd maps it to 0'],
      ['app', { Unknown: 'the image has no one' }, 'USER app may be root: the image has no one'],
      ['app', { Uid: 5, Unknown: 'two readers' }, 'USER app may be root: two readers'],
      [
        'app',
        { Name: 'other', Uid: 5 },
        'USER app may be root: nobody looked it up in /etc/passwd of the image',
      ],
      ['app', { Uid: 2 ** 32 }, 'USER app may be root: nobody looked it up in /etc/passwd of the image'],
      ['app', { Uid: -1 }, 'USER app may be root: nobody looked it up in /etc/passwd of the image'],
      [
        '1000',
        { Uid: 0, Line: 2 },
        'USER 1000 may be root: /etc/passwd maps a user of that name to 0 (line 2), and old runtimes look for names first',
      ],
      ['root', { Uid: 1000 }, 'the image runs as user "root", which is root'],
    ])('fails USER %s by %j', (user, entry, message) => {
      const [name] = user.split(':');
      expect(asUser(user, { Name: name!, ...entry })).toEqual([message]);
    });

    test.each<[string, UserEntry | undefined]>([
      ['app', { Name: 'app', Uid: 1, Line: 9 }],
      ['app:root', { Name: 'app', Uid: 2 ** 31 - 1 }],
      ['1000', { Name: '1000', Uid: 1001, Line: 2 }],
      ['1000:0', undefined],
    ])('passes USER %s by %j', (user, entry) => {
      expect(asUser(user, entry)).toEqual([]);
    });

    test('takes a name that nobody looked up for root, and asks for a new scan where an earlier version kept no users', () => {
      const unknown = reportOf('app');
      expect(issues(check('runs-as-root', ruleInput('clean', { report: unknown })))).toEqual([
        'USER app may be root: nobody looked it up in /etc/passwd of the image',
      ]);
      const stored = (user: string) => ruleInput('clean', { report: { ...reportOf(user), Reduction: 3 } });
      expect(check('runs-as-root', stored('app'))).toMatchObject({
        failure: { cause: 'REPORT_OUTDATED', detail: expect.stringContaining('kept no users') },
      });
      expect(issues(check('runs-as-root', stored('1000')))).toEqual([]);
      expect(issues(check('runs-as-root', stored('root')))).toHaveLength(1);
    });
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
