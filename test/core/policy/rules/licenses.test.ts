import { check, issues } from '../../support/check';
import { ruleInput } from '../../support/made';
import { parsed, rawReport } from '../../support/reports';

function outcome(
  forbidden: readonly string[],
  change: (raw: any) => void = () => {},
  name = 'fixable-critical',
) {
  const raw = rawReport(name);
  change(raw);
  return check('licenses', ruleInput(name, { report: parsed(raw) }), { forbidden });
}

/** The licence of the one npm package in it. */
const licensed =
  (...licenses: string[]) =>
  (raw: any) => {
    raw.Results[1].Packages[0].Licenses = licenses;
  };

describe('licenses', () => {
  test.each([
    ['clean', ['*']],
    ['fixable-critical', ['GPL-*', 'AGPL-*']],
    ['alpine-eol', ['MI', 'MIT-0', '*GPL*']],
  ])('passes %s by %j', (name, forbidden) => {
    expect(issues(outcome(forbidden, () => {}, name))).toEqual([]);
  });

  test('passes a choice, and what is not the licence named', () => {
    expect(issues(outcome(['GPL-*'], licensed('(MIT OR GPL-3.0-only)')))).toEqual([]);
    expect(issues(outcome(['GPL-*'], licensed('LGPL-3.0-only')))).toEqual([]);
  });

  test('fails a package, and says which, and which licences are forbidden', () => {
    expect(outcome(['mit', 'GPL-*'])).toEqual({
      issues: [
        {
          fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/),
          id: 'MIT',
          package: 'minimist',
          installedVersion: '0.0.8',
          message:
            'minimist (app/node_modules/minimist/package.json) has the licence MIT; forbidden: mit, GPL-*',
          remedy: 'replace minimist with something under another licence, or have the finding waived',
        },
      ],
    });
  });

  test('fails each package of an operating system', () => {
    expect(issues(outcome(['MIT'], () => {}, 'alpine-eol'))).toHaveLength(5);
  });

  test.each([
    [['GPL-3.0'], ['GPL-3.0-or-later'], 1],
    [['GPL-3.0-only'], ['GPL-3.0'], 1],
    [['gpl-3.0-*'], ['GPL-3.0'], 1],
    [['GPLv3'], ['GPL-3.0-only'], 1],
    [['GPLv3+'], ['GPL-3.0-only'], 0],
    [['AGPL-3'], ['AGPL-3.0 OR LATER'], 1],
    [['GPL-*', 'MIT'], ['MIT AND GPL-3.0-only'], 2],
    [['GPL-*', 'MIT'], ['MIT', 'MIT', 'GPL-3.0-only'], 2],
    [['GPL-*'], ['MIT', 'GPL-2.0-only'], 1], // a list is no choice: Trivy makes one of "MIT OR GPL-2.0-only" too
    [['*GNU GENERAL*'], ['text://This/that is under the GNU General Public License'], 1],
    [['GPLv2*'], ['GPLv2+ and MIT'], 1],
  ])('by %j, %j are %d findings', (forbidden, licenses, count) => {
    expect(issues(outcome(forbidden, licensed(...licenses)))).toHaveLength(count);
  });

  test("finds what Trivy's own licence scanner found, once", () => {
    const found = (path?: string) => (raw: any) => {
      raw.Results.push({
        Target: 'Node.js',
        Class: 'license',
        Licenses: [{ Severity: 'LOW', Category: 'notice', PkgName: 'minimist', FilePath: path, Name: 'MIT' }],
      });
    };
    expect(issues(outcome(['MIT'], found('app/node_modules/minimist/package.json')))).toHaveLength(1);
    expect(issues(outcome(['MIT'], found('LICENSE')))).toHaveLength(2);
    expect(
      issues(
        outcome(['GPL'], raw =>
          raw.Results.push({
            Target: 'Loose',
            Class: 'license-file',
            Licenses: [{ Severity: 'HIGH', FilePath: 'COPYING', Name: 'GPL' }],
          }),
        ),
      ),
    ).toEqual(['COPYING has the licence GPL; forbidden: GPL']);
  });

  test('of a file that only the result names, that licence scanner finds no other', () => {
    const findings = outcome(
      ['MIT'],
      raw => {
        const { Target, Packages } = raw.Results.find(({ Type }: any) => Type === 'composer-vendor');
        Packages[0].Licenses = ['MIT'];
        raw.Results.push({
          Target,
          Class: 'license',
          Licenses: [
            { Severity: 'LOW', Category: 'notice', PkgName: Packages[0].Name, FilePath: Target, Name: 'MIT' },
          ],
        });
      },
      'languages',
    );
    expect(issues(findings).filter(message => message.startsWith('guzzlehttp'))).toHaveLength(1);
  });

  test('is a finding of its own whatever the image is called, and the same after a new version', () => {
    const fingerprints = (change?: (raw: any) => void) => {
      const found = outcome(['MIT'], change);
      return 'issues' in found && found.issues.map(({ fingerprint }) => fingerprint);
    };
    expect(
      fingerprints(raw => {
        raw.ArtifactName = 'other';
        raw.Results[1].Packages[0].Version = '0.0.9';
      }),
    ).toEqual(fingerprints());
  });

  test("shows a stranger's text as one line", () => {
    for (const message of issues(
      outcome(['*'], licensed('text://\u001b[31mGPL\n\u202e' + 'x'.repeat(5000))),
    )) {
      expect(message).toMatch(/^[^\p{Cc}\p{Cf}]{1,300}$/u);
    }
  });
});
