import * as fc from 'fast-check';
import { entries, imagesInQuestion, IN_TEAM, subjects, waiver } from './made';
import { packageUrl } from '../../../src/core/text/purl';
import { waiverFor, type WaiverSubject } from '../../../src/core/waivers/cover';
import { endOf } from '../../../src/core/waivers/life';
import { waiverOf, type WaiverEntry } from '../../../src/core/waivers/waiver';
import { NOW } from '../support/made';

const VULNERABILITY: WaiverSubject = {
  ids: ['CVE-2024-1'],
  type: 'vulnerability',
  purl: 'pkg:deb/debian/bash@5.2?arch=amd64',
  path: 'app/lib/x.jar',
  isFixed: false,
};
const ask = (
  changes: Partial<WaiverEntry>,
  subject: Partial<WaiverSubject> = {},
  image: Partial<typeof IN_TEAM> = {},
  now = NOW,
) => waiverFor({ ...VULNERABILITY, ...subject }, { ...IN_TEAM, ...image }, [waiver(changes)], now);

describe('what a waiver covers, and what it does not', () => {
  test.each<
    [
      string,
      Partial<WaiverEntry>,
      [Partial<WaiverSubject>, Partial<typeof IN_TEAM>],
      [Partial<WaiverSubject>, Partial<typeof IN_TEAM>],
    ]
  >([
    ['its id', {}, [{}, {}], [{ ids: ['CVE-2024-12'] }, {}]],
    ['one of several ids', {}, [{ ids: ['GHSA-1', 'CVE-2024-1'] }, {}], [{ ids: ['GHSA-1'] }, {}]],
    ['letters as they are', {}, [{}, {}], [{ ids: ['cve-2024-1'] }, {}]],
    ['its package', { purl: 'pkg:deb/debian/bash@*' }, [{}, {}], [{ purl: 'pkg:deb/debian/dash@5.2' }, {}]],
    [
      'its package, however purl-spec lets it be written',
      { purl: 'pkg:pypi/Typing_Extensions@*' },
      [{ purl: 'pkg:pypi/typing-extensions@4.15.0' }, {}],
      [{ purl: 'pkg:pypi/typing-extensions-x@4.15.0' }, {}],
    ],
    [
      'upper and lower case, where purl-spec tells them apart',
      { purl: 'pkg:npm/JSONStream@*' },
      [{ purl: 'pkg:npm/JSONStream@1.3.5' }, {}],
      [{ purl: 'pkg:npm/jsonstream@1.3.5' }, {}],
    ],
    ['a package that has a name', { purl: 'pkg:deb/debian/bash@*' }, [{}, {}], [{ purl: undefined }, {}]],
    ['its path', { path: 'app/lib/*' }, [{}, {}], [{ path: 'srv/app/lib/x.jar' }, {}]],
    ['a path, with and without its root', { path: '/app/**' }, [{}, {}], [{ path: undefined }, {}]],
    [
      'package and path',
      { purl: 'pkg:deb/debian/bash@*', path: 'app/**' },
      [{}, {}],
      [{ path: 'lib/x.jar' }, {}],
    ],
    [
      'all of a package',
      { id: undefined, purl: 'pkg:deb/debian/bash@*' },
      [{ ids: ['CVE-9'] }, {}],
      [{ ids: ['CVE-9'], purl: 'pkg:rpm/bash@5.2' }, {}],
    ],
    [
      'all of a path',
      { id: undefined, path: 'app/**' },
      [{ ids: ['CVE-9'], purl: undefined }, {}],
      [{ ids: ['CVE-9'], path: 'lib/x' }, {}],
    ],
    ['its repositories', {}, [{}, { repository: 'team/api' }], [{}, { repository: 'team/app/api' }]],
    ['names as a whole', { repositories: ['team/app'] }, [{}, {}], [{}, { repository: 'my/team/app' }]],
    ['one of several repositories', { repositories: ['a', 'team/app'] }, [{}, {}], [{}, { repository: 'b' }]],
    ['every repository', { repositories: ['**'] }, [{}, { repository: 'other/x' }], [{ ids: ['CVE-9'] }, {}]],
    [
      'its digests',
      { repositories: undefined, digests: [IN_TEAM.digest] },
      [{}, { repository: 'other' }],
      [{}, { digest: `sha256:${'b'.repeat(64)}` }],
    ],
    [
      'repositories and digests, both',
      { digests: [IN_TEAM.digest] },
      [{}, {}],
      [{}, { repository: 'other' }],
    ],
    [
      'a secret by digest',
      { id: 'key', digests: [IN_TEAM.digest] },
      [{ ids: ['key'], type: 'secret' }, {}],
      [{ ids: ['key'], type: 'secret' }, { digest: `sha256:${'b'.repeat(64)}` }],
    ],
    [
      'a secret not by repository',
      { id: 'key' },
      [{ ids: ['key'], type: 'misconfiguration' }, {}],
      [{ ids: ['key'], type: 'secret' }, {}],
    ],
    [
      'the image as a whole',
      { id: 'runs-as-root' },
      [{ ids: ['runs-as-root'], type: 'image', purl: undefined, path: undefined }, {}],
      [{ ids: ['end-of-life-os'], type: 'image' }, {}],
    ],
    ['what has no fix', { until: 'fixed' }, [{}, {}], [{ ids: ['CVE-9'] }, {}]],
  ])('%s', (_, changes, yes, no) => {
    expect(ask(changes, ...yes)).toMatchObject({ covered: changes });
    expect(ask(changes, ...no)).toBeUndefined();
  });

  test('an entry without a scope that got past its reader covers nothing', () => {
    expect(ask({ repositories: undefined })).toBeUndefined();
  });
});

describe('when it has expired', () => {
  const LAST = new Date('2026-12-31T23:59:59.999Z');

  test('it covers to the last millisecond of its day, and says when it expired', () => {
    expect(ask({}, {}, {}, LAST)).toEqual({ covered: waiver(), endsAt: LAST });
    expect(ask({}, {}, {}, new Date('2027-01-01T00:00:00.000Z'))).toEqual({
      expired: waiver(),
      endedAt: LAST,
      why: 'expired',
    });
  });

  test('until fixed: as soon as there is a fix', () => {
    expect(ask({ until: 'fixed' }, { isFixed: true })).toEqual({
      expired: waiver({ until: 'fixed' }),
      endedAt: NOW,
      why: 'fixed',
    });
    expect(ask({}, { isFixed: true })).toMatchObject({ covered: {} });
  });

  test('an expired one that was also fixed expired first', () => {
    expect(ask({ until: 'fixed', expires: '2026-11-01' }, { isFixed: true })).toMatchObject({
      why: 'expired',
      endedAt: new Date('2026-11-01T23:59:59.999Z'),
    });
  });

  test('a secret that no waiver ever covered has not expired', () => {
    expect(ask({ expires: '2026-11-01' }, { type: 'secret' })).toBeUndefined();
  });

  test.each([[[0, 1, 2]], [[2, 1, 0]], [[1, 2, 0]]])(
    'of several, in the order %j, the one that ends last counts',
    order => {
      const all = [
        waiver({ expires: '2026-11-01' }),
        waiver({ expires: '2026-12-01', path: 'app/**' }),
        waiver({ expires: '2027-01-01', repositories: ['team/app'] }),
      ];
      const waivers = order.map(index => all[index]!);
      expect(waiverFor(VULNERABILITY, IN_TEAM, waivers, NOW)).toMatchObject({
        covered: all[2],
        endsAt: new Date('2027-01-01T23:59:59.999Z'),
      });
      expect(waiverFor(VULNERABILITY, IN_TEAM, waivers, new Date('2027-06-01'))).toMatchObject({
        expired: all[2],
        endedAt: new Date('2027-01-01T23:59:59.999Z'),
      });
    },
  );

  test('one that holds goes before one that expired', () => {
    const waivers = [waiver({ until: 'fixed', expires: '2027-01-01' }), waiver({ expires: '2026-12-01' })];
    expect(waiverFor({ ...VULNERABILITY, isFixed: true }, IN_TEAM, waivers, NOW)).toMatchObject({
      covered: waivers[1],
    });
  });
});

describe('whatever the waivers', () => {
  const waivers = fc.array(entries().map(waiverOf), { maxLength: 12 });

  test('none covers outside its scope, its finding or its time', () => {
    fc.assert(
      fc.property(waivers, subjects(), imagesInQuestion(), (all, subject, image) => {
        const answer = waiverFor(subject, image, all, NOW);
        if (answer === undefined) return;
        const named = 'covered' in answer ? answer.covered : answer.expired;
        expect(isCoveredBy(named, subject, image)).toBe(true);
        if ('covered' in answer) {
          expect(answer.endsAt.toISOString().slice(0, 10)).toBe(named.expires);
          expect(
            named.expires >= NOW.toISOString().slice(0, 10) && !(named.until === 'fixed' && subject.isFixed),
          ).toBe(true);
        } else {
          expect(answer.endedAt <= NOW).toBe(true);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  test('the answer is that of asking each in turn', () => {
    fc.assert(
      fc.property(waivers, subjects(), imagesInQuestion(), (all, subject, image) => {
        const covering = all.filter(each => isCoveredBy(each, subject, image));
        const holding = covering.filter(
          each => endOf(each) >= NOW && !(each.until === 'fixed' && subject.isFixed),
        );
        const answer = waiverFor(subject, image, all, NOW);
        if (holding.length > 0) {
          expect(answer).toMatchObject({
            endsAt: new Date(Math.max(...holding.map(each => endOf(each).getTime()))),
          });
        } else {
          expect(answer === undefined).toBe(covering.length === 0);
          if (covering.length > 0) expect(answer).toHaveProperty('expired');
        }
      }),
      { numRuns: 3_000 },
    );
  });

  test('asking about other images in between changes nothing', () => {
    fc.assert(
      fc.property(
        waivers,
        subjects(),
        imagesInQuestion(),
        imagesInQuestion(),
        (all, subject, image, other) => {
          const alone = waiverFor(subject, image, [...all], NOW);
          waiverFor(subject, other, all, NOW);
          expect(waiverFor(subject, image, all, NOW)).toEqual(alone);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('their order changes nothing but which of equals is named', () => {
    fc.assert(
      fc.property(waivers, subjects(), imagesInQuestion(), (all, subject, image) => {
        const [one, two] = [all, [...all].reverse()].map(each => waiverFor(subject, image, each, NOW));
        expect(one && { ...one, covered: undefined, expired: undefined }).toEqual(
          two && { ...two, covered: undefined, expired: undefined },
        );
      }),
      { numRuns: 500 },
    );
  });
});

test('of 5,000 waivers each of 60,000 findings is held against a few', () => {
  const waivers = Array.from({ length: 5_000 }, (_, index) =>
    index % 2 === 0
      ? waiver({ id: `CVE-${index}`, repositories: ['**'] })
      : waiver({ id: undefined, purl: `pkg:deb/debian/package-${index}@*`, repositories: ['team/**'] }),
  );
  let looks = 0;
  const findings = Array.from({ length: 60_000 }, (_, index): WaiverSubject => ({
    get ids() {
      looks += 1;
      return [`CVE-${index}`];
    },
    type: 'vulnerability',
    get purl() {
      looks += 1;
      return `pkg:deb/debian/package-${index % 700}@1.${index}%2Bx?arch=amd64&distro=debian-12`;
    },
    path: `usr/lib/${index}`,
    isFixed: false,
  }));
  const covered = findings.filter(finding => waiverFor(finding, IN_TEAM, waivers, NOW) !== undefined);
  expect(covered.length).toBeGreaterThan(2_500);
  // who holds each against each looks 300,000,000 times
  expect(looks).toBeLessThan(10 * findings.length);
});

/**
 * As the rules say it, with nothing of the code that is tested: the patterns of `entries()` are spelt out.
 */
function isCoveredBy(
  waived: WaiverEntry,
  subject: WaiverSubject,
  { repository, digest }: typeof IN_TEAM,
): boolean {
  const { id, type, purl, path, repositories, digests } = waived;
  const PATTERNS: Record<string, RegExp> = {
    'pkg:deb/debian/bash@*': /^pkg:deb\/debian\/bash@[^/]*$/,
    'pkg:deb/debian/bash*@5.2': /^pkg:deb\/debian\/bash[^/]*@5\.2$/,
    'pkg:npm/**/core@1': /^pkg:npm\/(.*\/)?core@1$/,
    'pkg:deb/debian/bash@5.2?arch=amd64': /^pkg:deb\/debian\/bash@5\.2$/,
    'app/**': /^\/?app\/.*$/,
    '/app/.env': /^\/?app\/\.env$/,
    '**/core/package.json': /^\/?(.*\/)?core\/package\.json$/,
    'app/*/x': /^\/?app\/[^/]*\/x$/,
    'team/app': /^team\/app$/,
    'team/*': /^team\/[^/]*$/,
    'team/**': /^team\/.*$/,
    other: /^other$/,
    '**': /^.*$/,
  };
  const fits = (pattern?: string, text?: string) =>
    pattern === undefined || (text !== undefined && PATTERNS[pattern]!.test(text));
  return (
    (id === undefined || subject.ids.includes(id)) &&
    (type === undefined || subject.type === type) &&
    fits(purl, subject.purl && packageUrl(subject.purl, 'narrow').base) &&
    (!purl?.includes('?') || subject.purl!.includes('arch=amd64')) &&
    fits(path, subject.path) &&
    (repositories === undefined || repositories.some(pattern => fits(pattern, repository))) &&
    (digests === undefined || digests.includes(digest)) &&
    (subject.type !== 'secret' || digests !== undefined)
  );
}
