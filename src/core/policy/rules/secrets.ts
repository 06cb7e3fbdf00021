import { about, defineRule } from '../rule';

/**
 * Secrets, of any severity: a file that a later layer deletes is still in the image. Trivy leaves out what it takes for the layers of a base image
 * (`GuessBaseImageIndex`, by an earlier CMD in the history), and no flag of it says otherwise.
 */
export const secrets = defineRule('secrets', {}, ({ findings }) => ({
  complaints: findings
    .filter(finding => finding.type === 'secret')
    .map(finding => ({ ...about(finding), message: `secret in ${finding.path}: ${finding.title}`, remedy: finding.remedy ?? 'take it out and revoke it' })),
}));
