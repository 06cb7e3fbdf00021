import type { Complaint } from './finding';
import type { Dockerfile } from './parse';
import type { Stage } from './stages';

export interface CheckInput {
  readonly file: Dockerfile;
  readonly stages: readonly Stage[];
  /** The stage that becomes the image, and those that it builds on, from the last to the first. */
  readonly target: readonly Stage[];
}

export interface Check {
  readonly rule: string;
  /** Of Trivy's checks those that ask the same: what ours has said Trivy need not say again. */
  readonly trivy: readonly string[];
  readonly complaints: (input: CheckInput) => readonly Complaint[];
}

/** Every instruction that some build runs: also what ONBUILD keeps for other files. */
export function allInstructions({ instructions }: Dockerfile) {
  return instructions.map(instruction => instruction.onbuild ?? instruction);
}
