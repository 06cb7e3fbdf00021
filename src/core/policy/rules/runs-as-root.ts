import { defineRule } from './rule';
import { whyRoot } from '../../image/starts-as-root';

/**
 * Images that start as root. `config.User` counts, which the runtime reads. The history does not: it is text
 * of whoever pushed the image.
 */
export const runsAsRoot = defineRule({
  name: 'runs-as-root',
  description: 'Refuses images that start as root.',
  scanners: [],
  parameters: {},
  check: ({ report }) => {
    const message = whyRoot(report.Metadata.ImageConfig.config?.User ?? '');
    if (message === undefined) return { issues: [] };
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
