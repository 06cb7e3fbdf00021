import { check, issues } from '../../support/check';
import { ruleInput } from '../../support/made';
import { parsed, rawReport } from '../../support/reports';

const SOURCE = 'org.opencontainers.image.source';

function labelled(labels: unknown, required = [SOURCE, 'team']) {
  const raw = rawReport('clean');
  raw.Metadata.ImageConfig.config.Labels = labels;
  return check('required-labels', ruleInput('clean', { report: parsed(raw) }), { labels: required });
}

describe('required-labels', () => {
  test('passes an image that has all of them, and others', () => {
    expect(issues(labelled({ [SOURCE]: 'https://example.com', team: 'a', other: '' }))).toEqual([]);
  });

  test('passes the recorded image by the label that it has', () => {
    expect(
      issues(check('required-labels', ruleInput('canaries'), { labels: ['com.example.deploy-key'] })),
    ).toEqual([]);
  });

  test.each([
    [undefined],
    [null],
    [{}],
    [{ [SOURCE]: '', team: ' \t' }],
    [{ [SOURCE]: '\u200b', team: '\u0000' }],
    [{ [SOURCE.toUpperCase()]: 'x', Team: 'x' }],
  ])('fails %j', labels => {
    expect(issues(labelled(labels))).toHaveLength(2);
  });

  test('fails what is missing, and says what is required', () => {
    expect(labelled({ team: 'a' })).toEqual({
      issues: [
        {
          message: `the image has no label ${SOURCE} with a value; required: ${SOURCE}, team`,
          remedy: `add LABEL ${SOURCE}="…" to the Dockerfile`,
        },
      ],
    });
  });

  test('fails an image without any config', () => {
    const raw = rawReport('clean');
    delete raw.Metadata.ImageConfig.config;
    expect(
      issues(check('required-labels', ruleInput('clean', { report: parsed(raw) }), { labels: ['team'] })),
    ).toHaveLength(1);
  });

  test('is indeterminate by a report that was stored without labels', () => {
    const { Reduction: _reduction, ...stored } = parsed(rawReport('clean'));
    expect(check('required-labels', ruleInput('clean', { report: stored }), { labels: ['team'] })).toEqual({
      failure: { cause: 'REPORT_OUTDATED', detail: expect.stringContaining('kept no labels') },
    });
  });
});
