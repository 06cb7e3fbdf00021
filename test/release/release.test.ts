import { groupedCommits, sectionOf } from '../../local/release/changelog';
import { whyNotReleased, type Release } from '../../local/release/why-not-released';

const CHANGELOG = `# Changelog

## [Unreleased]

- later

## [0.2.0] - 2026-12-24

### Added

- a gate

## [0.1.0] - 2026-12-01

- the first
`;

const GOOD: Release = {
  tag: 'v0.2.0',
  version: '0.2.0',
  changelog: CHANGELOG,
  placeholders: [],
  isOnMain: true,
};

test('a tag of main, with its version and its changelog, is released', () => {
  expect(whyNotReleased(GOOD)).toEqual([]);
});

test.each<[string, Partial<Release>, RegExp]>([
  ['another version than package.json', { tag: 'v0.3.0' }, /the tag is v0\.3\.0, .* version 0\.2\.0/],
  ['a version without its changes', { tag: 'v0.3.0', version: '0.3.0' }, /no "## \[0\.3\.0\] - YYYY-MM-DD"/],
  ['a version without its day', { changelog: '## [0.2.0]\n' }, /CHANGELOG\.md has no/],
  ['nobody named', { placeholders: ['organization example'] }, /placeholders: organization example/],
  ['a commit beside main', { isOnMain: false }, /not on main/],
])('not released: %s', (_why, change, reason) => {
  const reasons = whyNotReleased({ ...GOOD, ...change });
  expect(reasons).toHaveLength(1);
  expect(reasons[0]).toMatch(reason);
});

test('the section of a version is what stands below its heading', () => {
  expect(sectionOf(CHANGELOG, '0.2.0')).toBe('### Added\n\n- a gate');
  expect(sectionOf(CHANGELOG, '0.1.0')).toBe('- the first');
  expect(sectionOf(CHANGELOG.replace('0.1.0', '0x1.0'), '0.1.0')).toBeUndefined();
});

test('commits are grouped by what users notice', () => {
  const commits = [
    ['feat(gates): judge a job', ''],
    ['fix: do not wait', ''],
    ['feat(policy)!: rules have names', ''],
    ['refactor: one reader', 'BREAKING CHANGE: the old form is not read'],
    ['docs: say it', ''],
    ['not conventional', ''],
  ].map(([subject, body], at) => ({ hash: `${at}`.repeat(40), subject: subject!, body: body! }));
  expect(groupedCommits(commits)).toBe(`### Breaking changes

- **policy:** rules have names (22222222)
- one reader (33333333)

### Features

- **gates:** judge a job (00000000)

### Fixes

- do not wait (11111111)
`);
});
