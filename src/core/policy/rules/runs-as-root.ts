import { defineRule } from './rule';
import { whyImageRoot, whyRoot } from '../../image/starts-as-root';
import { notKept } from '../../scanning/trivy-report';

/**
 * Images that start as root. `config.User` counts, which the runtime reads, and the line of the image's
 * /etc/passwd for a name. The history does not: it is text of whoever pushed the image.
 */
export const runsAsRoot = defineRule({
  name: 'runs-as-root',
  description: 'Refuses images that start as root.',
  scanners: [],
  parameters: {},
  check: ({ report }) => {
    const { User = '', UserEntry } = report.Metadata.ImageConfig.config ?? {};
    const message = whyImageRoot(User, UserEntry);
    if (message === undefined) return { issues: [] };
    if (UserEntry === undefined && whyRoot(User) === undefined) {
      const failure = notKept(report, 'users');
      if (failure !== undefined) return { failure };
    }
    return {
      issues: [
        {
          message,
          remedy: 'end the Dockerfile with USER and a numeric id other than 0, for example USER 65532:65532',
        },
      ],
    };
  },
});
