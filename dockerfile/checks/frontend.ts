import type { Check } from './check';
import { quoted } from '../../src/core/text/plain-text';

const DOCKERS_OWN = /^(?:docker\.io\/)?docker\/dockerfile(?:-upstream)?(?:[:@]|$)/;

/**
 * `# syntax=` names the image that reads this file and says what it means. Under a foreign one no check here
 * means anything.
 */
export const frontend: Check = {
  rule: 'frontend',
  trivy: [],
  issues: ({ reading: { syntax } }) => {
    if (syntax === undefined) return [];
    const name = quoted(syntax.image, 120);
    if (!DOCKERS_OWN.test(syntax.image)) {
      const remedy = 'leave out the line, or use docker/dockerfile';
      return [
        {
          line: syntax.line,
          level: 'unclear',
          message: `the file is read by ${name}, which may take it for something else`,
          remedy,
        },
      ];
    }
    if (/@sha256:[0-9a-f]{64}$/.test(syntax.image)) return [];
    const remedy = 'leave out the line (the builder has one), or write docker/dockerfile:1@sha256:<digest>';
    return [
      {
        line: syntax.line,
        level: 'warned',
        message: `the program that reads this file, ${name}, has no digest`,
        remedy,
      },
    ];
  },
};
