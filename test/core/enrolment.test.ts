import { Enrolment, isEnrolledByName, isEnrolledByTags, needsTags } from '../../src/core/enrolment';

describe('which repositories are enrolled', () => {
  const enrolment: Enrolment = [{ by: 'prefix', prefix: 'team/' }, { by: 'name', name: 'tools' }, { by: 'tag', key: 'scan', value: 'yes' }];

  test.each([['team/app', true], ['team', false], ['other/team/app', false], ['tools', true], ['tools/app', false], ['tool', false]])('%s by its name: %s', (name, enrolled) => {
    expect(isEnrolledByName(enrolment, name)).toBe(enrolled);
  });

  test.each([[{ scan: 'yes' }, true], [{ scan: 'YES' }, false], [{ Scan: 'yes' }, false], [{}, false]])('%j by its tags: %s', (tags, enrolled) => {
    expect(isEnrolledByTags(enrolment, tags as Record<string, string>)).toBe(enrolled);
  });

  test('all are, where all are', () => {
    expect(isEnrolledByName([{ by: 'all' }], 'anything')).toBe(true);
    expect(isEnrolledByName([], 'anything')).toBe(false);
  });

  test('tags are asked for only where one is needed', () => {
    expect([needsTags(enrolment), needsTags([{ by: 'all' }])]).toEqual([true, false]);
  });

  test.each([[[{ by: 'prefix', prefix: '' }]], [[{ by: 'name', name: '' }]], [[{ by: 'glob', glob: '*' }]], [{}]])('%j is none', document => {
    expect(Enrolment.safeParse(document).success).toBe(false);
  });
});
