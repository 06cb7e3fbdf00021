import {
  Enrolment,
  isAdmitted,
  isEnrolledByName,
  isEnrolledByTags,
  needsTags,
} from '../../../src/core/image/enrolment';

describe('which repositories are enrolled', () => {
  const enrolment: Enrolment = [
    { by: 'prefix', prefix: 'team/' },
    { by: 'name', name: 'tools' },
    { by: 'tag', key: 'scan', value: 'yes' },
  ];

  test.each([
    ['team/app', true],
    ['team', false],
    ['other/team/app', false],
    ['tools', true],
    ['tools/app', false],
    ['tool', false],
  ])('%s by its name: %s', (name, enrolled) => {
    expect(isEnrolledByName(enrolment, name)).toBe(enrolled);
  });

  test.each([
    [{ scan: 'yes' }, true],
    [{ scan: 'YES' }, false],
    [{ Scan: 'yes' }, false],
    [{}, false],
  ])('%j by its tags: %s', (tags, enrolled) => {
    expect(isEnrolledByTags(enrolment, 'anything', tags as Record<string, string>)).toBe(enrolled);
  });

  test('all are, where all are', () => {
    expect(isEnrolledByName([{ by: 'all' }], 'anything')).toBe(true);
    expect(isEnrolledByName([], 'anything')).toBe(false);
  });

  test('what is excepted is not enrolled, whatever selects it', () => {
    const all: Enrolment = [
      { by: 'all' },
      { by: 'name', name: 'probe' },
      { by: 'tag', key: 'scan', value: 'yes' },
      { by: 'except', name: 'probe' },
    ];
    expect(isEnrolledByName(all, 'probe')).toBe(false);
    expect(isEnrolledByTags(all, 'probe', { scan: 'yes' })).toBe(false);
    expect(isEnrolledByName(all, 'probe-2')).toBe(true);
    expect(isEnrolledByTags(all, 'probe-2', { scan: 'yes' })).toBe(true);
  });

  test('tags are asked for only where one is needed', () => {
    expect([needsTags(enrolment), needsTags([{ by: 'all' }])]).toEqual([true, false]);
  });

  describe('where a deployment has to ask', () => {
    const asked: Enrolment = [
      { by: 'request', name: 'cdk-assets' },
      { by: 'prefix', prefix: 'team/' },
    ];

    test.each([
      ['cdk-assets', true],
      ['cdk-assets-2', false],
      ['cdk', false],
      ['CDK-ASSETS', false],
      ['team/app', false],
    ])('%s is admitted: %s', (name, admitted) => {
      expect(isAdmitted(asked, name)).toBe(admitted);
    });

    test('being admitted is not being enrolled: nothing is scanned that nobody asked for', () => {
      expect([
        isEnrolledByName(asked, 'cdk-assets'),
        isEnrolledByTags(asked, 'cdk-assets', { name: 'cdk-assets' }),
        needsTags(asked),
      ]).toEqual([false, false, false]);
    });

    test('nor is being enrolled being admitted', () => {
      expect(
        isAdmitted(
          [{ by: 'all' }, { by: 'name', name: 'team/app' }, { by: 'tag', key: 'scan', value: 'yes' }],
          'team/app',
        ),
      ).toBe(false);
      expect(isAdmitted([], 'team/app')).toBe(false);
    });
  });

  test.each([
    [[{ by: 'prefix', prefix: '' }]],
    [[{ by: 'name', name: '' }]],
    [[{ by: 'request', name: '' }]],
    [[{ by: 'request' }]],
    [[{ by: 'glob', glob: '*' }]],
    [{}],
  ])('%j is none', document => {
    expect(Enrolment.safeParse(document).success).toBe(false);
  });
});
