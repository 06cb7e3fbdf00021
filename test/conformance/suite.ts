/** The cases of somebody else, or their code, and what this project's answers are held against. */
export interface Suite {
  /** The name of its expectation: `expected/<name>.json`. */
  readonly name: string;
  /** What it is about, for the table in docs/conformance.md. */
  readonly about: string;
  /** Who says what is right. */
  readonly authority: string;
  /** The packages that its cases come from, by their names in `packages.json`. */
  readonly packages: readonly string[];
  /** Runs all cases. `folders` has the files of each package. */
  readonly run: (folders: Folders) => Promise<Outcome>;
}

/** The unpacked packages of a suite, by name. */
export type Folders = ReadonlyMap<string, string>;

export interface Outcome {
  readonly cases: number;
  readonly disagreements: readonly Disagreement[];
}

/** A case, or a kind of generated case, in which this project answers something else. */
export interface Disagreement {
  readonly name: string;
  /** What was answered, for whoever has to find the reason. */
  readonly said: string;
}
