import * as fc from 'fast-check';
import { checkDockerfile } from '../../../dockerfile/check-dockerfile';
import { parseDockerfile } from '../../../dockerfile/parse/parse';
import { readStages } from '../../../dockerfile/parse/stages';
import { soon } from '../../support/soon';

const lines = (...text: string[]) => `${text.join('\n')}\n`;
const short = (text: string) =>
  parseDockerfile(text).instructions.map(({ name, args, source: { line, endLine } }) => [
    name,
    args,
    line,
    endLine,
  ]);

test('a continuation goes on over comments and empty lines', () => {
  expect(short(lines('FROM a', 'RUN one \\', '# a comment', '', '  two \\  ', '  three', 'USER b'))).toEqual([
    ['FROM', 'a', 1, 1],
    ['RUN', 'one   two   three', 2, 6],
    ['USER', 'b', 7, 7],
  ]);
});

test('an escape character that is escaped, or that something follows, continues nothing', () => {
  expect(short(lines('RUN one \\\\', 'USER a', 'RUN b \\ # no', 'USER c')).map(([name]) => name)).toEqual([
    'RUN',
    'USER',
    'RUN',
    'USER',
  ]);
});

test('Windows line ends and a byte order mark change nothing', () => {
  expect(short('\ufeffFROM a\r\nRUN b \\\r\n  c\r\n')).toEqual([
    ['FROM', 'a', 1, 1],
    ['RUN', 'b   c', 2, 3],
  ]);
});

describe('the escape directive', () => {
  test('changes what continues a line', () => {
    expect(short(lines('# escape=`', 'FROM a', 'RUN dir C:\\', 'RUN b `', '  c'))).toEqual([
      ['FROM', 'a', 2, 2],
      ['RUN', 'dir C:\\', 3, 3],
      ['RUN', 'b   c', 4, 5],
    ]);
  });

  test.each([
    ['behind a comment', ['# hello', '# escape=`']],
    ['behind an instruction', ['FROM x', '# escape=`']],
  ])('is a comment %s', (_, start) => {
    expect(parseDockerfile(lines(...start, 'FROM a'))).toMatchObject({ escape: '\\', problems: [] });
  });

  test('is wrong with another character, or twice', () => {
    expect(parseDockerfile(lines('# escape=x', 'FROM a')).problems).toMatchObject([{ line: 1 }]);
    expect(parseDockerfile(lines('# escape=`', '# escape=`', 'FROM a')).problems).toMatchObject([
      { line: 2 },
    ]);
  });
});

describe('a heredoc', () => {
  test('is no instructions', () => {
    const { instructions, problems } = parseDockerfile(
      lines('FROM a', 'RUN <<EOF', 'USER root', 'EOF', 'USER 1'),
    );
    expect(problems).toEqual([]);
    expect(instructions.map(({ name, heredocs }) => [name, heredocs])).toEqual([
      ['FROM', []],
      ['RUN', [{ name: 'EOF', content: 'USER root', line: 3 }]],
      ['USER', []],
    ]);
  });

  test.each([
    ['quoted', ['COPY <<"EOF" /x', 'one', 'EOF'], ['one']],
    ['with tabs before its end', ['RUN <<-EOF', '\tone', '\tEOF'], ['\tone']],
    ['and another', ['COPY <<A <<B /x/', 'one', 'A', 'two', 'B'], ['one', 'two']],
    ['without a line', ['RUN <<EOF', 'EOF'], ['']],
  ])('can be %s', (_, text, contents) => {
    const { instructions, problems } = parseDockerfile(lines('FROM a', ...text, 'USER 1'));
    expect(problems).toEqual([]);
    expect(instructions[1]!.heredocs.map(({ content }) => content)).toEqual(contents);
    expect(instructions.map(({ name }) => name).at(-1)).toBe('USER');
  });

  test('that does not end cannot be read', () => {
    expect(parseDockerfile(lines('FROM a', 'RUN <<EOF', 'USER 1', ' EOF')).problems).toEqual([
      { line: 2, message: 'a heredoc does not end' },
    ]);
  });

  test('is not in a USER, nor in the exec form', () => {
    expect(short(lines('FROM a', 'RUN ["cat", "<<EOF"]', 'USER 1')).map(([name]) => name)).toEqual([
      'FROM',
      'RUN',
      'USER',
    ]);
  });
});

describe('stages', () => {
  const stagesOf = (...text: string[]) => readStages(parseDockerfile(lines(...text)));

  test('build on images and on each other', () => {
    const { stages, problems } = stagesOf(
      'ARG V=1',
      'FROM a:$V AS Base',
      'FROM base as next',
      'FROM ${X:-b}',
    );
    expect(problems).toEqual([]);
    expect(stages.map(({ name, image, parent }) => [name, image.text, parent?.name])).toEqual([
      ['base', 'a:1', undefined],
      ['next', 'base', 'base'],
      [undefined, 'b', undefined],
    ]);
  });

  test('have no name that is not declared yet', () => {
    expect(stagesOf('FROM later', 'FROM a AS later').stages[0]!.parent).toBeUndefined();
  });

  test('run what their parent keeps for them', () => {
    const { stages } = stagesOf('FROM a AS one', 'ONBUILD USER root', 'FROM one');
    expect(stages[1]!.steps.map(({ instruction: { name } }) => name)).toEqual(['USER']);
  });

  test.each([
    ['an instruction before the first', ['RUN a', 'FROM b']],
    ['none', ['ARG a=1']],
    ['a FROM of four words', ['FROM a AS b c']],
  ])('are wrong with %s', (_, text) => {
    expect(stagesOf(...text).problems).not.toEqual([]);
  });
});

test.each([
  ['an unknown instruction', 'FORM a'],
  ['one that says nothing', 'FROM'],
  ['no instruction', '# nothing'],
  ['no text', ''],
  ['ONBUILD of ONBUILD', 'ONBUILD ONBUILD RUN a'],
  ['ONBUILD of FROM', 'ONBUILD FROM a'],
  ['a line that no builder reads', `RUN ${'a'.repeat(70_000)}`],
])('%s is a problem', (_, text) => {
  expect(parseDockerfile(text).problems).toHaveLength(1);
  expect(checkDockerfile(text)).toEqual(
    expect.arrayContaining([expect.objectContaining({ rule: 'unreadable', level: 'unclear' })]),
  );
});

const PIECES = [
  'FROM a AS b',
  'FROM',
  'RUN ',
  'COPY --from=',
  'ONBUILD ',
  'USER ',
  'ENV A_TOKEN=',
  'ARG X',
  'ADD https://a/b c',
  '# escape=`',
  '# syntax=',
  '<<EOF',
  '<<-"E F"',
  'EOF',
  '\\',
  '`',
  '\n',
  '\r\n',
  '\t',
  ' ',
  '"',
  "'",
  '${',
  '$X',
  '${X:-',
  '}',
  '$(',
  ')',
  '| sh',
  'curl a',
  '[',
  ']',
  '--',
  '\u2028',
  '\u0000',
  '\u{1f600}',
];
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map(pieces => pieces.join('')),
);

test('no text makes it throw, and every line is in the file', () => {
  fc.assert(
    fc.property(anyText, text => {
      const last = Math.max(1, text.split('\n').length);
      const { instructions, problems } = parseDockerfile(text);
      const parts = instructions.flatMap(({ source, heredocs }) => [source, ...heredocs]);
      const found = [...parts, ...problems, ...checkDockerfile(text)];
      for (const { line } of found) expect(line >= 1 && line <= last && Number.isInteger(line)).toBe(true);
      for (const { source } of instructions) {
        expect(source.endLine >= source.line && source.endLine <= last).toBe(true);
      }
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['quotes', '"'.repeat(60_000)],
  ['substitutions', '$('.repeat(30_000)],
  ['variables', '${a:-'.repeat(12_000)],
  ['white space', ' '.repeat(60_000)],
  ['heredocs', '<<a '.repeat(15_000)],
  ['backticks', '`'.repeat(60_000)],
  ['pipes', 'curl|'.repeat(12_000)],
])('many %s end in time', (_, text) => {
  soon(5, () => checkDockerfile(`FROM a\nRUN x${text}x\nENV A=${text}x\n`));
});
