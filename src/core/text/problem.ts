import { quoted } from './plain-text';

/** What is wrong with a file, and where. Lines and columns count from 1. */
export interface WaiverProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The format of compilers, which editors and terminals link to: `waivers.yaml:12:5: …`. */
export function showProblem({ file, line, column, message }: WaiverProblem): string {
  return `${file}:${line}:${column}: ${message}`;
}

/** From top to bottom, each once: one value can break two rules with the same message. */
export function inOrder(problems: readonly WaiverProblem[]): WaiverProblem[] {
  const each = new Map(problems.map(problem => [showProblem(problem), problem]));
  return [...each.values()].sort((a, b) => a.line - b.line || a.column - b.column);
}

/** A value as a message shows it. */
export function given(value: unknown): string {
  return quoted(String(value), 80);
}

/** Zod's own messages start with a capital letter. */
export function lowerFirst(message: string): string {
  return message.slice(0, 1).toLowerCase() + message.slice(1);
}

/** What was given, whatever it is: a text or a number as it stands, anything larger by its kind. */
export function valueGiven(input: unknown): string {
  if (input === undefined) return 'missing';
  if (input === null) return 'empty';
  if (Array.isArray(input)) return `a list of ${input.length}`;
  return typeof input === 'object'
    ? 'a map'
    : typeof input === 'string'
      ? given(input)
      : `the ${typeof input} ${given(input)}`;
}
