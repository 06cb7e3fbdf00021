/** The cases of somebody else, or their code, and what this project's answers are held against. */
export interface Suite {
  /** Also the name of its expectation: `expected/<name>.json`. */
  readonly name: string;
  /** What is compared, and with whom, as a row of docs/conformance.md says it. */
  readonly about: string;
  readonly authority: string;
  /** What its cases come from, by the names in `packages.json`. */
  readonly packages: readonly string[];
  /** Runs all cases. `folders` has the unpacked packages, by the same names. */
  readonly run: (folders: Folders) => Promise<Outcome>;
}

export type Folders = (name: string) => string;

export interface Outcome {
  readonly cases: number;
  /** Cases in which this project answers something else, by their names. */
  readonly disagreements: readonly Disagreement[];
}

export interface Disagreement {
  /** Of the case. Generated cases have no names: those of one kind share the name of the kind. */
  readonly name: string;
  /** What was answered instead, for whoever has to find the reason. */
  readonly said: string;
}
