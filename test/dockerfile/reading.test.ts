import * as fc from 'fast-check';
import { readDockerfile } from '../../dockerfile/reading/read-dockerfile';
import { checkText } from '../support/dockerfile';
import { soon } from '../support/soon';

const lines = (...text: string[]) => `${text.join('\n')}\n`;

test('an instruction goes on over comments and empty lines', () => {
  const text = lines('FROM a', 'RUN one \\', '# a comment', '', '  two \\  ', '  three', 'USER b');
  expect(readDockerfile(text).instructions).toMatchObject([
    { name: 'FROM', line: 1, endLine: 1 },
    { name: 'RUN', line: 2, endLine: 6 },
    { name: 'USER', line: 7, endLine: 7 },
  ]);
});

test.each([
  ['one', ['RUN <<EOF', 'USER root', 'EOF'], [[3, 'USER root\n']]],
  [
    'two',
    ['COPY <<A <<B /x/', 'one', 'A', 'two', 'two', 'B'],
    [
      [3, 'one\n'],
      [5, 'two\ntwo\n'],
    ],
  ],
  ['an empty one', ['RUN <<EOF', 'EOF'], [[3, '']]],
])('%s of heredocs is where it stands', (_, text, heredocs) => {
  const { instructions, problems } = readDockerfile(lines('FROM a', ...text, 'USER 1'));
  expect(problems).toEqual([]);
  expect(instructions[1]!.heredocs.map(({ line, content }) => [line, content])).toEqual(heredocs);
});

describe('the line of a finding', () => {
  const linesOf = (rule: string, ...text: string[]) =>
    checkText(lines(...text))
      .filter(finding => finding.rule === rule)
      .map(({ line }) => line);

  test('in a script is that of its command', () => {
    const script = [
      'RUN set -e; \\',
      '  # why',
      '  echo a; \\',
      '  curl -fsS https://a | sh; \\',
      '  echo b',
    ];
    expect(linesOf('piped-to-shell', 'FROM a', ...script)).toEqual([5]);
    expect(
      linesOf('piped-to-shell', 'FROM a', 'RUN <<EOF', 'set -e', 'curl -fsS https://a | sh', 'EOF'),
    ).toEqual([4]);
    expect(linesOf('piped-to-shell', 'FROM a', 'RUN curl a \\', ' | sh')).toEqual([2]);
  });

  test('of a variable is that of its name, also where an earlier line reads alike', () => {
    expect(linesOf('secret', 'FROM a', 'ENV A_TOKEN_TTL=1 \\', '  A_TOKEN=b \\', '  C=d')).toEqual([3]);
  });
});

test('a stage that the target does not need is read too: it is the target of another build', () => {
  const text = lines(
    'FROM a:1 AS one',
    'RUN curl x | sh',
    'FROM b:1',
    'RUN curl x | sh',
    'FROM c:1',
    'USER 1',
  );
  const found = checkText(text).filter(({ rule }) => rule !== 'no-healthcheck');
  expect(found.map(({ rule, line }) => [rule, line])).toEqual([
    ['unpinned-image', 1],
    ['piped-to-shell', 2],
    ['unpinned-image', 3],
    ['piped-to-shell', 4],
    ['unpinned-image', 5],
  ]);
});

test.each([
  ['an unknown instruction', 'FORM a'],
  ['one that says nothing', 'FROM'],
  ['no instruction', '# nothing'],
  ['no text', ''],
  ['an instruction before the first FROM', 'RUN a\nFROM b'],
  ['no FROM', 'ARG a=1'],
  ['a FROM of four words', 'FROM a AS b c'],
  ['a heredoc that does not end', 'FROM a\nRUN <<EOF\nUSER 1\n'],
  ['ONBUILD of ONBUILD', 'FROM a\nONBUILD ONBUILD RUN a'],
  ['ONBUILD of FROM', 'FROM a\nONBUILD FROM a'],
  ['a line that no builder reads', `FROM a\nRUN ${'a'.repeat(70_000)}`],
  ['a variable that must be set', 'FROM a\nUSER ${U:?who}'],
  ['an escape directive with another character', '# escape=x\nFROM a'],
  ['a stage that is not there', 'FROM a\nCOPY --from=7 / /'],
])('%s is a problem', (_, text) => {
  expect(readDockerfile(text).problems).toHaveLength(1);
  expect(checkText(text)).toContainEqual(expect.objectContaining({ rule: 'unreadable', level: 'unclear' }));
});

test('a value that grows without end is a problem, and the next file is read (rule 5.6, limits)', () => {
  const doubled = Array.from({ length: 60 }, () => 'ENV A=$A$A').join('\n');
  expect(readDockerfile(`FROM a\nENV A=aaaaaaaa\n${doubled}\n`).problems).toMatchObject([
    { message: expect.stringContaining('more memory than it has') },
  ]);
  expect(readDockerfile('FROM a\n').problems).toEqual([]);
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
      const { instructions, problems } = readDockerfile(text);
      const parts = instructions.flatMap(instruction => [instruction, ...instruction.heredocs]);
      const found = [...parts, ...problems, ...checkText(text)];
      for (const { line } of found) expect(line >= 1 && line <= last && Number.isInteger(line)).toBe(true);
      for (const { line, endLine } of instructions) expect(endLine >= line && endLine <= last).toBe(true);
    }),
    { numRuns: 300 },
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
  soon(15, () => checkText(`FROM a\nRUN x${text}x\nENV A=${text}x\n`));
});
