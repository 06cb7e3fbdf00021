import * as z from 'zod';
import { defineRule } from './rule';
import { notKept } from '../../scanning/trivy-report';

/**
 * Labels that an image must have, with any value. The value itself is not checked: values are not kept, since
 * they may hold secrets.
 */
export const requiredLabels = defineRule({
  name: 'required-labels',
  description: 'Refuses images that lack a label.',
  scanners: [],
  parameters: { labels: z.array(z.string().min(1).max(256)).min(1).max(50) },
  check: ({ report }, { labels }) => {
    const failure = notKept(report, 'labels');
    if (failure !== undefined) return { failure };
    const present = new Set(report.Metadata.ImageConfig.config?.LabelNames);
    return {
      issues: labels
        .filter(label => !present.has(label))
        .map(label => ({
          message: `the image has no label ${label} with a value; required: ${labels.join(', ')}`,
          remedy: `add LABEL ${label}="…" to the Dockerfile`,
        })),
    };
  },
});
