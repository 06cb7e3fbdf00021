import { contentOf, everything, many } from './content';
import type { ReportContent } from '../../../src/core/report-page/content';
import { firstSteps } from '../../../src/core/report-page/first-steps';
import { listedFindings } from '../../../src/core/report-page/listed-findings';
import { policy } from '../support/made';

function steps(content: ReportContent): string[] {
  return firstSteps(listedFindings(content), content).map(
    ({ what, why, refused, vanish }) => `${what} | ${why} | ${vanish} vanish, ${refused} refused`,
  );
}

describe('what to do first', () => {
  test('one upgrade for all findings of a package, what is refused before everything else', () => {
    const all = steps(contentOf('languages'));
    expect(all.slice(0, 2)).toEqual([
      'upgrade minimist from 0.0.8 to 0.2.4 | in app/node_modules/minimist/package.json, srv/node_modules/minimist/package.json | 4 vanish, 2 refused',
      'upgrade org.apache.logging.log4j:log4j-core from 2.14.1 to 2.15.0 | in srv/lib/log4j-core-2.14.1.jar, app/lib/log4j-core-2.14.1.jar | 2 vanish, 2 refused',
    ]);
    expect(all).toHaveLength(7);
  });

  test('of many findings: as many steps as packages, and no finding is in two', () => {
    const content = many(3_000);
    const all = firstSteps(listedFindings(content), content);
    expect(all).toHaveLength(300);
    expect(all.reduce((sum, { vanish }) => sum + vanish, 0)).toBe(3_000);
    expect(all.reduce((sum, { refused }) => sum + refused, 0)).toBe(300);
    expect(all.map(({ refused }) => refused > 0).lastIndexOf(true)).toBe(
      all.filter(({ refused }) => refused > 0).length - 1,
    );
  });

  test('what no version fixes is a step only if it is refused', () => {
    const strict = policy([
      { rule: 'vulnerabilities', action: 'deny', severities: ['CRITICAL'], onlyFixed: false },
    ]);
    expect(steps(contentOf('unfixed-only'))).toEqual([]);
    expect(steps(contentOf('unfixed-only', strict))).toEqual([
      'remove libc6, or have its findings waived | no version fixes them yet | 1 vanish, 1 refused',
    ]);
  });

  test('what a rule says of the whole image, and what is a secret, has its own remedy', () => {
    expect(steps(contentOf('root'))).toEqual([
      'end the Dockerfile with USER and a numeric id other than 0, for example USER 65532:65532 | the image names no user, so it runs as root | 0 vanish, 1 refused',
    ]);
    expect(steps(contentOf('canaries'))).toContain(
      'take the secret out of every layer and revoke it: a later layer that deletes /app/.env does not remove it | AWS Access Key ID | 1 vanish, 1 refused',
    );
  });

  test('of an index: each once, and what is waived not at all', () => {
    const all = steps(everything());
    expect(all.filter(each => each.includes('log4j-core'))).toEqual([]); // waived
    expect(all.find(each => each.includes('rack'))).toMatch(/ \| 2 vanish, 1 refused$/); // one of them has time
    expect(all).toContain(
      'base the image on a supported release of alpine | alpine 3.11.2 has reached its end of life: its new vulnerabilities are neither fixed nor listed | 0 vanish, 1 refused',
    );
    expect(all).toContain('upgrade libssl1.1 from 1.1.1d-r2 to 1.1.1l-r0 |  | 5 vanish, 1 refused');
  });
});
