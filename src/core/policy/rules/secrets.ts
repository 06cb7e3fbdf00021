import { about, defineRule } from '../rule';

/** Secrets in any layer, of any severity: a file that a later layer deletes is still in the image. */
export const secrets = defineRule('secrets', {}, ({ findings }) => ({
  complaints: findings
    .filter(finding => finding.type === 'secret')
    .map(finding => ({ ...about(finding), message: `secret in ${finding.path}: ${finding.title}`, remedy: finding.remedy ?? 'take it out and revoke it' })),
}));
