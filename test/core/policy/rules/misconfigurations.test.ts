import { SEVERITIES } from '../../../../src/core/scanning/finding';
import { check, issues } from '../../support/check';
import { ruleInput } from '../../support/made';
import { parsed, rawReport } from '../../support/reports';

describe('misconfigurations', () => {
  test.each([
    ['clean', SEVERITIES],
    ['scratch', ['CRITICAL', 'HIGH']],
    ['root', ['CRITICAL', 'LOW']],
  ])('passes %s by %j', (name, severities) => {
    expect(issues(check('misconfigurations', ruleInput(name), { severities }))).toEqual([]);
  });

  test('passes a check that did not fail', () => {
    const raw = rawReport('root');
    for (const result of raw.Results) for (const each of result.Misconfigurations ?? []) each.Status = 'PASS';
    for (const result of raw.Results) delete result.MisconfSummary; // it counts those that failed
    expect(
      issues(
        check('misconfigurations', ruleInput('root', { report: parsed(raw) }), { severities: SEVERITIES }),
      ),
    ).toEqual([]);
  });

  test('fails an image without a user, says what to do, and which finding it is', () => {
    expect(check('misconfigurations', ruleInput('root'), { severities: ['CRITICAL', 'HIGH'] })).toEqual({
      issues: [
        {
          fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/),
          id: 'DS-0002',
          severity: 'HIGH',
          message: expect.stringMatching(
            /^HIGH DS-0002: .*user.*; allowed: no check of the severity CRITICAL or HIGH that fails$/,
          ),
          remedy: expect.stringMatching(/USER/),
        },
      ],
    });
  });
});
