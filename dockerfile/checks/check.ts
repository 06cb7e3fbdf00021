import type { DockerfileFinding, Issue } from './finding';
import type { DockerfileReading, Instruction } from '../reading/reading';

/** A Dockerfile as it is written, line by line, and as BuildKit reads it. */
export interface CheckInput {
  readonly lines: readonly string[];
  readonly reading: DockerfileReading;
}

export interface Check {
  readonly rule: string;
  /** Of Trivy's checks those that ask the same: what ours has said Trivy need not say again. */
  readonly trivy: readonly string[];
  readonly issues: (input: CheckInput) => readonly Issue[];
  /**
   * Whether ours has judged the very thing that a finding of Trivy is about, wrong or not: then ours counts.
   * If it cannot say, the line decides.
   */
  readonly hasJudged?: (input: CheckInput, finding: DockerfileFinding) => boolean | undefined;
}

export function instructionAt({ instructions }: DockerfileReading, line: number): Instruction | undefined {
  return instructions.find(instruction => instruction.line === line);
}

/** The same thing may be said of a line by several builds. */
export function distinct(issues: readonly Issue[]): Issue[] {
  return [...new Map(issues.map(issue => [`${issue.line} ${issue.message}`, issue])).values()];
}
