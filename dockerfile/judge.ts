import { checkDockerfile, judgedIn, type CheckOptions } from './check-dockerfile';
import type { DockerfileFinding } from './checks/finding';
import { mergeFindings, readTrivyConfig } from './trivy-config';
import { readIgnores } from './trivy-ignores';

/** Our findings and Trivy's, by line. A report of Trivy that cannot be read is a finding too. */
export function judgeDockerfile(
  text: string,
  trivyReport: string,
  options: CheckOptions,
): DockerfileFinding[] {
  const read = readTrivyConfig(trivyReport);
  const fromTrivy = read.ok ? read.value : [unreadable(read.error)];
  const own = [...checkDockerfile(text, options), ...readIgnores(text)];
  return mergeFindings(own, fromTrivy, judgedIn(text, options));
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
