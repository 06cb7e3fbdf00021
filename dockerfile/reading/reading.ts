/**
 * What a build would do with a Dockerfile, as BuildKit's own code tells it. The other side is
 * buildkit/reading/reading.go.
 */
export interface DockerfileReading {
  /** The image of the program that reads the file (`# syntax=`). */
  readonly syntax?: { readonly image: string; readonly line: number };
  /** Why a build stops. What could be read without that is there all the same. */
  readonly problems: readonly Problem[];
  /** All of the file, whether some build runs them or not. */
  readonly instructions: readonly Instruction[];
  /** What the target becomes; absent if it cannot be built. */
  readonly image?: Image;
  /** The images and downloads that some stage takes in. */
  readonly sources: readonly Source[];
  /** The commands that some stage runs. */
  readonly runs: readonly Run[];
}

export interface Problem {
  readonly line: number;
  readonly message: string;
}

export interface Instruction {
  /** In capitals; of ONBUILD that of the instruction that it keeps for those who build on this image. */
  readonly name: string;
  readonly line: number;
  readonly endLine: number;
  /** Its lines as one, without the comments between them. */
  readonly text: string;
  readonly onbuild: boolean;
  readonly heredocs: readonly Heredoc[];
  /** A RUN that starts a program without a shell. */
  readonly exec: boolean;
  /** What an ARG or ENV sets. */
  readonly variables: readonly Variable[];
  /**
   * The variables of a FROM or USER, or at the beginning of what an ADD takes, without a value in this file.
   */
  readonly undefined: readonly string[];
}

export interface Heredoc {
  /** The line of its content's first line. */
  readonly line: number;
  readonly content: string;
}

export interface Variable {
  /** As it is written. */
  readonly key: string;
  /** Without quotes and escapes. */
  readonly name: string;
  /** The name is made of other variables. */
  readonly unclear: boolean;
  /** It has an empty value. An ARG without one is not empty: a build may give it one. */
  readonly empty: boolean;
}

export interface Image {
  /** The line of the FROM of its stage. */
  readonly line: number;
  /** Those of each platform, without a name where it is that of the base image. */
  readonly users: readonly { readonly name?: string; readonly line: number }[];
  /** The file has one, HEALTHCHECK NONE included. */
  readonly healthcheck: boolean;
  /** What the build leaves in the image: `NAME=value`, with all variables filled in. */
  readonly environment: readonly string[];
}

export interface Source {
  readonly kind: 'image' | 'http' | 'git';
  readonly line: number;
  /** The reference of the image, or the address. */
  readonly name: string;
  /** What BuildKit compares a download with. */
  readonly checksum?: string;
  /** Of a Git repository: a branch, a tag or a commit. */
  readonly ref?: string;
}

export interface Run {
  readonly line: number;
  readonly args: readonly string[];
  /** It runs with all rights on the machine that builds. */
  readonly insecure: boolean;
  /** It runs in the network of the machine that builds. */
  readonly hostNetwork: boolean;
  /** It reaches a device of the machine that builds. */
  readonly device: boolean;
}
