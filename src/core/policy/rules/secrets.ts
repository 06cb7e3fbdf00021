import { about, defineRule } from './rule';

/** Secrets of any severity, in any layer: a file that a later layer deletes is still in the image. */
export const secrets = defineRule({
  name: 'secrets',
  description: 'Refuses secrets, also in files that a later layer deletes.',
  scanners: ['secret'],
  parameters: {},
  looksAt: { type: 'secret', leavesOut: () => () => undefined },
  check: ({ findings }) => ({
    issues: findings
      .filter(finding => finding.type === 'secret')
      .map(finding => ({
        ...about(finding),
        message: `secret in ${finding.path}: ${finding.title}${finding.layer === undefined ? '' : `, in the layer ${finding.layer}`}`,
        remedy: finding.remedy ?? 'take it out and revoke it',
      })),
  }),
});
