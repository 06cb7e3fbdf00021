import type { Issue, DockerfileFinding } from './finding';
import type { Dockerfile } from '../parse/parse';
import type { Stage, Stages } from '../parse/stages';

export interface CheckInput {
  readonly file: Dockerfile;
  readonly stages: readonly Stage[];
  readonly declared: Stages['declared'];
  /** The stage that becomes the image, and those that it builds on, from the last to the first. */
  readonly target: readonly Stage[];
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

/** Every instruction that some build runs: also what ONBUILD keeps for other files. */
export function allInstructions({ instructions }: Dockerfile) {
  return instructions.map(instruction => instruction.onbuild ?? instruction);
}
