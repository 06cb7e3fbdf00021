import * as fc from 'fast-check';
import { compareVersions, upgradeFor } from '../../../src/core/scanning/upgrade';

describe('one upgrade for all findings of a package', () => {
  test.each<[string, string, string[], string | undefined]>([
    ['the highest of its versions', '3.0.11', ['3.0.13', '3.0.15', '3.0.14'], '3.0.15'],
    ['of Debian', '3.0.14-1~deb12u1', ['3.0.14-1~deb12u2', '3.0.15-1~deb12u1'], '3.0.15-1~deb12u1'],
    ['of Alpine', '3.1.4-r0', ['3.1.4-r1', '3.1.4-r5'], '3.1.4-r5'],
    ['with an epoch', '1:9.2', ['1:9.4', '9.9'], '1:9.4'],
    [
      'the line of releases that is installed',
      '2.14.1',
      ['2.3.1, 2.12.2, 2.15.0', '2.3.2, 2.12.3, 2.17.0'],
      '2.17.0',
    ],
    ['the lowest line that is newer', '0.0.8', ['0.2.4, 1.2.6', '0.2.1, 1.2.3'], '0.2.4'],
    ['of Go', 'v1.22.3', ['1.21.11, 1.22.4'], '1.22.4'],
    // 2.0.0 is newer than 1.2.5, and does not have its fix
    ['none where a newer line may lack a fix', '1.0.0', ['1.2.5, 2.0.1', '2.0.0'], '2.0.1'],
    ['none where nothing is said to be newer', '4.0.0', ['1.2.5, 2.0.1'], undefined],
    ['none where the order is not clear', '1.0', ['1.0-alpha', '1.0_p1'], undefined],
    ['none where Trivy names none', '1.0', ['a later version', '1.2'], undefined],
  ])('%s', (_, installed, fixed, expected) => {
    expect(upgradeFor(installed, fixed)).toBe(expected);
  });

  test('is a version that Trivy names, whatever it names', () => {
    const version = fc.array(fc.constantFrom('0', '1', '2', '10', '.', '-', '~', 'v', 'rc', ':', ','), {
      maxLength: 7,
    });
    fc.assert(
      fc.property(version, fc.array(version, { maxLength: 4 }), (installed, fixed) => {
        const texts = fixed.map(parts => parts.join(''));
        const upgrade = upgradeFor(installed.join(''), texts);
        if (upgrade !== undefined) expect(texts.flatMap(text => text.split(','))).toContain(upgrade);
      }),
    );
  });
});

describe('which version is newer', () => {
  test.each([
    ['1.2.3', '1.2.4', -1],
    ['1.10', '1.9', 1],
    ['1.1.1k-r0', '1.1.1l-r0', -1],
    ['1.1.1w', '1.1.1k', 1],
    ['1.2', '1.2.1', -1],
    ['0:1.2', '1.2', 0],
    ['1:1.0', '2.0', 1],
    ['1.0.0-rc.1', '1.0.0-rc.2', -1],
  ])('%s and %s', (a, b, expected) => {
    expect(Math.sign(compareVersions(a, b)!)).toBe(expected);
    expect(Math.sign(compareVersions(b, a)!)).toBe(expected === 0 ? 0 : -expected);
  });

  test.each([
    ['1.0.0', '1.0.0-rc.1'],
    ['1.0~rc1', '1.0'],
    ['1.0_alpha', '1.0'],
    ['1.05', '1.1'],
    ['1.0a1', '1.0b'],
    ['1.0+git9', '1.0'],
  ])('%s and %s: each package manager says something else', (a, b) => {
    expect(compareVersions(a, b)).toBeUndefined();
    expect(compareVersions(b, a)).toBeUndefined();
  });
});
