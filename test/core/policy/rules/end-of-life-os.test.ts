import { check, issues } from '../../support/check';
import { ruleInput } from '../../support/made';

describe('end-of-life-os', () => {
  test.each(['clean', 'scratch', 'unknown-os-release'])('passes %s', name => {
    expect(issues(check('end-of-life-os', ruleInput(name)))).toEqual([]);
  });

  test('fails an Alpine that gets no fixes any more', () => {
    expect(issues(check('end-of-life-os', ruleInput('alpine-eol')))).toEqual([
      expect.stringMatching(/^alpine 3\.11\.2 has reached its end of life/),
    ]);
  });
});

describe('notice', () => {
  const warned = (Family: string, Name: string, now: string, noticeDays = 60) => {
    const input = ruleInput('clean');
    const outcome = check(
      'end-of-life-os',
      {
        ...input,
        report: { ...input.report, Metadata: { ...input.report.Metadata, OS: { Family, Name } } },
        now: new Date(now),
      },
      { noticeDays },
    );
    if (!('warnings' in outcome)) throw new Error('it was indeterminate');
    expect(outcome.issues).toEqual([]);
    return outcome.warnings!.map(({ message }) => message);
  };

  test.each([
    [
      'the first moment of it',
      'alpine',
      '3.22.1',
      '2027-03-02T00:00:00Z',
      /^the life of alpine 3\.22\.1 ends on 2027-04-30/,
    ],
    ['the last moment', 'alpine', '3.22.1', '2027-04-30T23:59:58Z', /ends on 2027-04-30/],
    [
      'a day later, by a report of before',
      'alpine',
      '3.22.1',
      '2027-05-02T00:00:00Z',
      /ended on 2027-04-30, after this scan/,
    ],
    [
      'a major version',
      'debian',
      '12.5',
      '2028-06-01T00:00:00Z',
      /^the life of debian 12\.5 ends on 2028-06-10/,
    ],
    ['a name behind the version', 'amazon', '2 (Karoo)', '2026-06-01T00:00:00Z', /ends on 2026-06-30/],
    ['a date for a version', 'amazon', '2023.6.20250218', '2028-03-01T00:00:00Z', /ends on 2028-03-15/],
    ['a whole version', 'ubuntu', '22.04', '2027-04-01T00:00:00Z', /ends on 2027-04-23/],
  ])('warns, and refuses nothing: %s', (_, family, name, now, message) => {
    expect(warned(family, name, now)).toEqual([expect.stringMatching(message)]);
  });

  test.each([
    ['earlier', 'alpine', '3.22.1', '2027-03-01T23:59:58Z'],
    ['a release whose end nobody knows', 'debian', '13.1', '2030-01-01T00:00:00Z'],
    ['a family without a calendar', 'wolfi', '20230201', '2030-01-01T00:00:00Z'],
    ['a name of Object', 'constructor', 'name', '2030-01-01T00:00:00Z'],
  ])('says nothing of %s', (_, family, name, now) => {
    expect(warned(family, name, now)).toEqual([]);
  });

  test('says nothing where nobody asked for it', () => {
    const input = ruleInput('clean');
    expect(check('end-of-life-os', { ...input, now: new Date('2040-01-01T00:00:00Z') })).toEqual({
      issues: [],
      warnings: [],
    });
  });
});
