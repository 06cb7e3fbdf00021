import { type Check, distinct, instructionAt } from './check';
import { whyRoot } from '../../src/core/image/starts-as-root';
import { plainText } from '../../src/core/text/plain-text';

/** The user that the build gives the image. What a base image says is not in the file. */
export const runsAsRoot: Check = {
  rule: 'runs-as-root',
  trivy: ['DS-0002'],
  // Trivy looks at the last USER of the file, also in a stage that is not built
  hasJudged: ({ reading: { image } }) => image !== undefined,
  issues: ({ reading }) => {
    const { image } = reading;
    if (image === undefined) return [];
    return distinct(
      image.users.flatMap(({ name, line }) => {
        const message =
          name === undefined
            ? 'the last stage names no USER, so the image runs as root, or as whoever the base image says'
            : whyComplained(name, instructionAt(reading, line)?.undefined ?? []);
        return message === undefined ? [] : [{ line, message, remedy: REMEDY }];
      }),
    );
  },
};

const REMEDY = 'end the last stage with USER and a number other than 0, for example USER 65532:65532';

function whyComplained(user: string, variables: readonly string[]): string | undefined {
  if (variables.length > 0) {
    const names = variables.map(name => plainText(name, 40)).join(', ');
    return `USER depends on ${names}, of which the file does not say what it is`;
  }
  return whyRoot(user);
}
