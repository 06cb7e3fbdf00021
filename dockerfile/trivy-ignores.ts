import type { DockerfileFinding } from './checks/finding';

/**
 * What turns a check of Trivy off, in a comment or not: `trivy:ignore:DS-0002`,
 * `tfsec:exp:2030-01-01:ignore:*`. Trivy cuts a line at spaces, and a part at colons.
 */
const DIRECTIVE = /(?:trivy|tfsec):[^ \n]*/gi;

/** The same file for Trivy's eyes, of the same length and lines, in which nothing turns a check off. */
export function withoutIgnores(text: string): string {
  return text.replace(DIRECTIVE, directive => directive.replace(/ignore/gi, 'ignor_'));
}

/** Whoever wrote it expects it to do something. */
export function readIgnores(text: string): DockerfileFinding[] {
  const seen = withoutIgnores(text).split('\n');
  return text.split('\n').flatMap((line, index) =>
    line === seen[index]
      ? []
      : [
          {
            rule: 'ignore-comment',
            level: 'warned',
            line: index + 1,
            message: 'the comment that turns a check of Trivy off has no effect here',
            remedy: 'take it out, and fix what it hides',
            by: 'trusted-images',
          },
        ],
  );
}
