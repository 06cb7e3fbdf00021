/** Of the image `fixable-critical`. */
export const CVE = 'CVE-2021-44906';

/** A file with one waiver. @param expires the day, as `YYYY-MM-DD` */
export function waiverFile(repository: string, expires: string): string {
  return [
    'version: 1',
    'waivers:',
    `  - id: ${CVE}`,
    `    repositories: [${repository}]`,
    '    owner: platform@example.com',
    '    reason: The parser never sees what users send, and the next release drops it.',
    `    expires: ${expires}`,
    '',
  ].join('\n');
}
