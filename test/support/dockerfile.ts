import { checkDockerfile } from '../../dockerfile/check-dockerfile';
import type { DockerfileFinding } from '../../dockerfile/checks/finding';
import { type BuildOptions, readDockerfile } from '../../dockerfile/reading/read-dockerfile';

/** What our checks find in a Dockerfile, as BuildKit reads it. */
export function checkText(text: string, options: BuildOptions = {}): DockerfileFinding[] {
  return checkDockerfile({ lines: text.split('\n'), reading: readDockerfile(text, options) });
}
