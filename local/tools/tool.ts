/** A program with a pinned version, and the ways to get it. */
export interface Tool {
  readonly name: string;
  readonly version: string;
  readonly versionArguments: readonly string[];
  /** The version in what the program prints about itself. */
  readonly readVersion: (output: string) => string | undefined;
  readonly release?: Release;
  readonly source: GoSource;
}

/** A file of the release that holds the program. */
export interface Release {
  /** `process.platform` and `process.arch`, joined by a dash. */
  readonly platform: string;
  /** The program itself, or a `.tar.gz` that contains it. */
  readonly url: string;
  readonly sha256: string;
}

export interface GoSource {
  /** With its version, unless `module` has it. */
  readonly package: string;
  /**
   * The module of the package, with its version. It is then built as a dependency: `go install` asks the
   * proxy for all versions, and a proxy that serves pinned versions only does not know them.
   */
  readonly module?: string;
  readonly flags: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly duration: string;
}
