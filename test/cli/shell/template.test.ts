import { fillTemplate } from '../../../cli/shell/template';
import { fileOf, FILES, GIVEN, type System } from '../init/generated';

test('each placeholder gets its value, as it stands', () => {
  expect(fillTemplate('FROM __IMAGE__ AS build\n__A____B__\n', { IMAGE: '$&', A: '__B__', B: '2' })).toBe(
    'FROM $& AS build\n__B__2\n',
  );
});

test('a line with a condition is there only with the value that it names', () => {
  const text =
    'variables: # only with __STACK__\n  STACK: __STACK__ # only with __STACK__\nscript: # only one\n';
  expect(fillTemplate(text, { STACK: 'Trust' })).toBe('variables:\n  STACK: Trust\nscript: # only one\n');
  expect(fillTemplate(text, { STACK: undefined })).toBe('script: # only one\n');
});

test.each([
  ['__OTHER__', 'the placeholder OTHER is unknown'],
  ['__image__', 'the placeholder image is unknown'],
  ['__constructor__', 'the placeholder constructor is unknown'],
  ['a # only with __OTHER__', 'the placeholder OTHER is unknown'],
  ['__STACK__', 'the placeholder STACK has no value, in a line without a condition'],
])('%s is an error', (text, message) => {
  expect(() => fillTemplate(text, { IMAGE: 'a', STACK: undefined })).toThrow(message);
});

test.each(Object.keys(FILES) as System[])('no placeholder is left for %s', async system => {
  for (const args of [[], system === 'codepipeline' ? GIVEN.slice(0, 2) : GIVEN]) {
    expect((await fileOf(system, args)).text).not.toMatch(/__|only with/);
  }
});
