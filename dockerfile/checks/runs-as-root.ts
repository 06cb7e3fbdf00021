import type { Check } from './check';
import type { Issue } from './finding';
import { whyRoot } from '../../src/core/image/starts-as-root';
import { plainText } from '../../src/core/text/plain-text';

/**
 * The last USER of the final stage, or else of the stages that it builds on. What a base image says is not in
 * the file, and changes with it.
 */
export const runsAsRoot: Check = {
  rule: 'runs-as-root',
  trivy: ['DS-0002'],
  // Trivy looks at the last USER of the file, also in a stage that is not built
  hasJudged: ({ target }) => target.length > 0,
  issues: ({ target }) => {
    const remedy = 'end the last stage with USER and a number other than 0, for example USER 65532:65532';
    for (const { steps } of target) {
      const last = steps.filter(({ instruction }) => instruction.name === 'USER').at(-1);
      if (last === undefined) continue;
      const message = whyComplained(
        last.words.map(({ text }) => text).join(' '),
        last.words.flatMap(({ unknown }) => unknown),
      );
      return message === undefined
        ? []
        : ([{ line: last.instruction.source.line, message, remedy }] satisfies Issue[]);
    }
    const line = target[0]?.from.source.line;
    return line === undefined
      ? []
      : [
          {
            line,
            message:
              'the last stage names no USER, so the image runs as root, or as whoever the base image says',
            remedy,
          },
        ];
  },
};

function whyComplained(user: string, unknown: readonly string[]): string | undefined {
  if (unknown.length > 0) {
    return `USER depends on ${unknown.map(name => plainText(name, 40)).join(', ')}, of which the file does not say what it is`;
  }
  return whyRoot(user);
}
