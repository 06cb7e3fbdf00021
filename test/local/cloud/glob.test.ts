import { matchesPath, matchesWildcard } from '../../../local/cloud/glob';
import { soon } from '../../support/soon';

test.each([
  ['*', '', true],
  ['v*', 'v1', true],
  ['v*', 'w1', false],
  ['*-dev', 'a-dev-dev', true],
  ['a*b*c', 'a-b-b-c', true],
  ['a*b*c', 'a-c-b', false],
  ['a.c', 'abc', false],
  ['', '', true],
])('the wildcard %j matches %j: %j', (pattern, text, expected) => {
  expect(matchesWildcard(pattern, text)).toBe(expected);
});

test.each([
  ['**/*', 'a.txt', true],
  ['**/*', 'a/b/c.txt', true],
  ['*', 'a/b.txt', false],
  ['a/**/c.txt', 'a/c.txt', true],
  ['a/*/c.txt', 'a/b/b/c.txt', false],
])('the path pattern %j matches %j: %j', (pattern, path, expected) => {
  expect(matchesPath(pattern, path)).toBe(expected);
});

test('a hostile pattern takes no longer than a friendly one', () => {
  expect(soon(2, () => matchesWildcard(`${'*a'.repeat(50)}b`, 'a'.repeat(20_000)))).toBe(false);
});
