import { Directives, readDirectives } from './directives';
import { Heredoc, Instruction, readInstruction } from './instruction';
import { LineReader } from './logical-lines';
import { sourceLines } from './source-lines';
import { expand, splitWords } from './words';
import { quoted } from '../../src/core/text/plain-text';

/** Something that cannot be read: what follows from the file is then not known. */
export interface Problem {
  readonly line: number;
  readonly message: string;
}

export interface Dockerfile {
  readonly escape: string;
  readonly syntax?: Directives['syntax'];
  readonly instructions: readonly Instruction[];
  readonly problems: readonly Problem[];
}

const NAMES = new Set([
  'ADD',
  'ARG',
  'CMD',
  'COPY',
  'ENTRYPOINT',
  'ENV',
  'EXPOSE',
  'FROM',
  'HEALTHCHECK',
  'LABEL',
  'MAINTAINER',
  'ONBUILD',
  'RUN',
  'SHELL',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
]);
/** BuildKit's own limit. */
const MAX_LINE = 65_535;
const MAX_INSTRUCTIONS = 2_000;
const WITH_HEREDOCS = ['ADD', 'COPY', 'RUN'];
const NOT_ONBUILD = ['ONBUILD', 'FROM', 'MAINTAINER'];
/** What every reader of `${…}` takes for the same. */
const PLAIN_VARIABLES = /\$\{[A-Za-z_][A-Za-z0-9_]*(?::?[-+][^{}$"']*)?\}/g;

/**
 * Reads a Dockerfile as BuildKit's own parser does, and never throws: what it cannot read it tells. Written
 * here because checks must run in core, on what the build will do with the file; the parsers on npm are for
 * editors and forgive what a build refuses.
 * @see https://docs.docker.com/reference/dockerfile/
 */
export function parseDockerfile(text: string): Dockerfile {
  const { escape, syntax, problem } = readDirectives(text);
  const long = sourceLines(text).findIndex(line => line.length > MAX_LINE);
  if (long >= 0) {
    return {
      escape,
      instructions: [],
      problems: [
        { line: long + 1, message: `the line is longer than ${MAX_LINE} characters, which no builder reads` },
      ],
    };
  }
  const reader = new LineReader(text, escape);
  const instructions: Instruction[] = [];
  const problems: Problem[] = problem === undefined ? [] : [problem];
  for (let source = reader.read(); source !== undefined; source = reader.read()) {
    if (instructions.length >= MAX_INSTRUCTIONS) {
      problems.push({
        line: source.line,
        message: `the file has more than ${MAX_INSTRUCTIONS} instructions`,
      });
      break;
    }
    const instruction = readInstruction(source, escape);
    const heredocs = readHeredocs(instruction, reader);
    if (typeof heredocs === 'string') {
      problems.push({ line: source.line, message: heredocs });
      break; // where the next instruction begins is not known
    }
    const complete = withHeredocs(instruction, heredocs, reader.line);
    const wrong = whatIsWrong(complete);
    if (wrong === undefined) instructions.push(complete);
    else problems.push({ line: source.line, message: wrong });
  }
  if (instructions.length === 0 && problems.length === 0) {
    problems.push({ line: 1, message: 'the file has no instructions' });
  }
  return { escape, ...(syntax !== undefined && { syntax }), instructions, problems };
}

function whatIsWrong({ name, args, hasUnclearFlags, onbuild }: Instruction): string | undefined {
  if (!NAMES.has(name)) return `there is no instruction ${quoted(name, 40)}`;
  if (args === '') return `${name} says nothing`;
  if (hasUnclearFlags) return `a flag of ${name} has an escape that not every builder reads alike`;
  if (onbuild === undefined) return undefined;
  return NOT_ONBUILD.includes(onbuild.name) ? `ONBUILD cannot keep ${onbuild.name}` : whatIsWrong(onbuild);
}

function readHeredocs(instruction: Instruction, reader: LineReader): Heredoc[] | string {
  const { name, json } = instruction.onbuild ?? instruction;
  const { text } = instruction.source;
  if (!WITH_HEREDOCS.includes(name) || json !== undefined || !text.includes('<<')) return [];
  const { words, closed } = splitWords(text.replace(/<<(-?)[ \t\r]+/g, '<<$1'), '\\'); // "<< EOF" is one word
  if (text.replace(PLAIN_VARIABLES, '').includes('${')) {
    return 'a variable and a heredoc are in one instruction, in a way that not every builder reads alike';
  }
  if (!closed) return []; // then BuildKit sees none either
  const heredocs: Heredoc[] = [];
  for (const { raw } of words) {
    const [, dash, delimiter] = /^\d*<<(-?)([^<]+)$/s.exec(raw) ?? [];
    if (delimiter === undefined) continue;
    const end = expand(delimiter, variable => `$${variable}`, '\\').text;
    if (end === '') continue;
    const content = reader.readHeredoc(end, dash === '-');
    if (content === undefined) return 'a heredoc does not end';
    heredocs.push({ name: end, ...content });
  }
  return heredocs;
}

function withHeredocs(instruction: Instruction, heredocs: readonly Heredoc[], endLine: number): Instruction {
  if (heredocs.length === 0) return instruction;
  const source = { ...instruction.source, endLine };
  const onbuild =
    instruction.onbuild === undefined ? undefined : { ...instruction.onbuild, source, heredocs };
  return { ...instruction, source, heredocs, ...(onbuild !== undefined && { onbuild }) };
}
