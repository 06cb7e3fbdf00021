import { checkDockerfile, judgedIn } from './check-dockerfile';
import type { DockerfileFinding } from './checks/finding';
import { type BuildOptions, readDockerfile } from './reading/read-dockerfile';
import { mergeFindings, readTrivyConfig } from './trivy-config';
import { readIgnores } from './trivy-ignores';

/** Our findings and Trivy's, by line. A report of Trivy that cannot be read is a finding too. */
export function judgeDockerfile(
  text: string,
  trivyReport: string,
  options: BuildOptions,
): DockerfileFinding[] {
  const file = { lines: text.split('\n'), reading: readDockerfile(text, options) };
  const read = readTrivyConfig(trivyReport);
  const fromTrivy = read.ok ? read.value : [unreadable(read.error)];
  const own = [...checkDockerfile(file), ...readIgnores(text)];
  return mergeFindings(own, fromTrivy, judgedIn(file));
}

function unreadable(why: string): DockerfileFinding {
  return {
    rule: 'unreadable',
    level: 'unclear',
    line: 1,
    message: `Trivy gave no answer: ${why}`,
    remedy: 'run "trivy config" on the file to see more',
    by: 'trivy',
  };
}
