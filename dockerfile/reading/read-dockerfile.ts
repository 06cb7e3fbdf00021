import type { DockerfileReading } from './reading';
import { dockerfileReader } from '../../adapters/programs/dockerfile-reader';
import { WasmProgram } from '../../adapters/programs/wasm-program';
import { Limit } from '../../src/core/limits';
import { Seconds } from '../../src/core/times';

export interface BuildOptions {
  /** The stage that becomes the image: its name or its number; the last one if left out. */
  readonly target?: string;
  /** What `docker build --build-arg` gets. */
  readonly buildArgs?: Readonly<Record<string, string>>;
}

const buildKit = new WasmProgram(dockerfileReader, {
  memoryMiB: Limit.dockerfileMemoryMiB,
  seconds: Seconds.dockerfile,
});

/**
 * Reads a Dockerfile by BuildKit's own code, and never throws because of the file: what cannot be read is a
 * problem.
 *
 * @throws UserError if that code is not installed
 */
export function readDockerfile(
  text: string,
  { target = '', buildArgs = {} }: BuildOptions = {},
): DockerfileReading {
  const reading = buildKit.call<DockerfileReading>('read', { text, target, buildArgs });
  return reading.ok
    ? reading.value
    : {
        problems: [
          { line: 1, message: `BuildKit's own code cannot read the file: ${reading.error.message}` },
        ],
        instructions: [],
        sources: [],
        runs: [],
      };
}
