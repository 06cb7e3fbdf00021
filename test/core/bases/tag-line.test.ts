import { sharedLine } from '../../../src/core/bases/tag-line';

test.each<[string, string[], string[], number]>([
  ['the same version of the same words is another build of it', ['20.11-slim'], ['20.11-slim'], 2.5],
  ['a patch', ['20.11.1-slim'], ['20.11.2-slim'], 2],
  ['a minor version', ['v20.11'], ['v20.12'], 1],
  ['a major version is another line', ['20.11'], ['22.1'], 0],
  ['so is a tag with other words', ['20.11-slim'], ['20.11-alpine'], 0],
  ['a shorter tag', ['20'], ['20.12.0'], 1],
  ['the version is the first number, also after a word', ['jdk17-alpine3.19'], ['jdk21-alpine3.19'], 0],
  ['a later number does not matter', ['20-alpine3.19'], ['20-alpine3.20'], 1],
  ['a date is no version', ['bookworm-20250101-slim'], ['bookworm-20250301-slim'], 0.5],
  ['words alone', ['bookworm-slim'], ['bookworm-slim'], 0.5],
  ['other words', ['bookworm'], ['trixie'], 0],
  ['the closest of several', ['3', '3.11', '3.11.4'], ['3', '3.12', '3.12.1'], 1.5],
  ['and closer', ['3', '3.11', '3.11.4'], ['3.11', '3.11.9'], 2.5],
  ['latest moves from line to line', ['20.11', 'latest'], ['22.1', 'latest'], 0],
  ['and counts where there is nothing else', ['latest'], ['22.1', 'latest'], 0.5],
  ['no tags', [], ['20'], 0],
  ['no tags there', ['20'], [], 0],
])('%s', (_, tags, others, shared) => {
  expect(sharedLine(tags, others)).toBe(shared);
});

test('a long tag of digits and dots takes no time that anybody notices', () => {
  const long = '1.'.repeat(5_000);
  expect(sharedLine([long], [long])).toBeGreaterThan(0);
});
