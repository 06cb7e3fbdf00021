import { CHECKS } from './checks';
import type { CheckInput } from './checks/check';
import type { DockerfileFinding } from './checks/finding';
import { findTokens } from '../src/core/scanning/tokens';
import { plainText } from '../src/core/text/plain-text';

/**
 * All that our own checks find in a Dockerfile, by line. What cannot be read is a finding too: nothing passes
 * unread.
 */
export function checkDockerfile(file: CheckInput): DockerfileFinding[] {
  const unreadable = file.reading.problems.map(({ line, message }): DockerfileFinding => ({
    rule: 'unreadable',
    level: 'unclear',
    line,
    message: `a build stops here: ${mayShow(message, file.lines[line - 1] ?? '') ? plainText(message, 300) : HIDDEN}`,
    remedy: message.startsWith('the file has no stage')
      ? 'name one of them, or leave out --target'
      : 'correct it; an ARG without a default needs --build-arg NAME=value',
    by: 'trusted-images',
  }));
  const found = CHECKS.flatMap(({ rule, issues }) =>
    issues(file).map((issue): DockerfileFinding => ({
      rule,
      level: 'refused',
      by: 'trusted-images',
      ...issue,
    })),
  );
  return inOrder([...unreadable, ...found]);
}

const HIDDEN = 'BuildKit refuses the instruction; what it says may hold a secret, and is not shown';

/** BuildKit quotes the file: a value, a login in an address, or what `${a:?…}` says. */
function mayShow(message: string, line: string): boolean {
  return (
    !/^\s*(?:ONBUILD\s+)?(?:ENV|ARG|LABEL)\b/i.test(line) &&
    !/:\?|:\/\/[^\s"]*@/.test(`${line} ${message}`) &&
    findTokens(message).length === 0
  );
}

/** Whether our checks have judged what a finding of Trivy is about; `undefined` if they cannot say. */
export type HasJudged = (finding: DockerfileFinding) => boolean | undefined;

export function judgedIn(file: CheckInput): HasJudged {
  return finding => CHECKS.find(({ trivy }) => trivy.includes(finding.rule))?.hasJudged?.(file, finding);
}

export function inOrder(findings: readonly DockerfileFinding[]): DockerfileFinding[] {
  return [...findings].sort(
    (one, other) => one.line - other.line || (one.rule < other.rule ? -1 : Number(one.rule > other.rule)),
  );
}
