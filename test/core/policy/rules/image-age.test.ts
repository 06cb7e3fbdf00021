import { check, issues } from '../../support/check';
import { minutes, NOW, ruleInput } from '../../support/made';
import { parsed, rawReport } from '../../support/reports';

const DAY = 24 * 60;

function created(at: string | undefined, maxDays = 90) {
  const raw = rawReport('clean');
  raw.Metadata.ImageConfig.created = at;
  return issues(check('image-age', ruleInput('clean', { report: parsed(raw) }), { maxDays }));
}

describe('image-age', () => {
  test.each([0, 1, 89 * DAY, 90 * DAY, -59])(
    'passes an image of %d minutes, where 90 days are allowed',
    age => {
      expect(created(minutes(-age).toISOString())).toEqual([]);
    },
  );

  test.each(['2026-11-24T01:02:03.123456789Z', '2026-11-24T01:02:03+02:00'])('passes %s', at => {
    expect(created(at)).toEqual([]);
  });

  test('fails the recorded image, whose date is of January', () => {
    expect(issues(check('image-age', ruleInput('clean'), { maxDays: 90 }))).toEqual([
      'the image was created at 2026-01-01T00:00:00Z; allowed: 90 days',
    ]);
    expect(issues(check('image-age', ruleInput('clean'), { maxDays: 365 }))).toEqual([]);
  });

  test('fails an image that is a minute too old', () => {
    expect(created(minutes(-90 * DAY - 1).toISOString())).toHaveLength(1);
  });

  test.each([
    undefined,
    '',
    'yesterday',
    '0001-01-01T00:00:00Z',
    '1970-01-01T00:00:00Z',
    '1970-01-01T00:00:01Z',
    '1980-01-01T00:00:01Z',
    '2012-12-31T23:59:59Z',
    '-000001-01-01T00:00:00Z',
  ])('fails an image without a true date: %s', at => {
    expect(created(at)).toEqual([
      expect.stringMatching(/^the age of the image is not known: its creation date is .*; allowed: 90 days$/),
    ]);
  });

  test('fails an image of tomorrow', () => {
    expect(created(minutes(DAY).toISOString())).toEqual([expect.stringContaining('in the future')]);
  });

  test('says the same every day, or each day would be news', () => {
    const said = [0, 1, 2].map(day =>
      issues(check('image-age', ruleInput('clean', { now: minutes(day * DAY, NOW) }), { maxDays: 90 })),
    );
    expect(new Set(said.flat()).size).toBe(1);
  });
});
