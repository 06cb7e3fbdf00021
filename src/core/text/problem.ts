import { quoted } from './plain-text';

/** Something that is wrong with a file, and where. Lines and columns count from 1. */
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

/** As compilers say it, so that editors and terminals lead there: `waivers.yaml:12:5: …`. */
export function showProblem({ file, line, column, message }: WaiverProblem): string {
  return `${file}:${line}:${column}: ${message}`;
}

/** From top to bottom, each once: one value can break two rules that say the same. */
export function inOrder(problems: readonly WaiverProblem[]): WaiverProblem[] {
  const each = new Map(problems.map(problem => [showProblem(problem), problem]));
  return [...each.values()].sort((a, b) => a.line - b.line || a.column - b.column);
}

/** A value as a message shows it. */
export function given(value: unknown): string {
  return quoted(String(value), 80);
}

/** Zod's own messages begin like sentences. */
export function lowerFirst(message: string): string {
  return message.slice(0, 1).toLowerCase() + message.slice(1);
}
