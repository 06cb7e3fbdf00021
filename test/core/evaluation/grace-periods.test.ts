import { gracePeriodEnd, gracePeriodKey } from '../../../src/core/evaluation/grace-periods';
import type { Finding } from '../../../src/core/scanning/finding';

const FINDING: Finding = {
  type: 'vulnerability',
  fingerprint: 'f',
  id: 'CVE-1',
  severity: 'CRITICAL',
  title: 'x',
  package: 'minimist',
  purl: 'pkg:npm/%40scope/minimist@0.0.8?arch=x#sub',
  path: 'app/package.json',
};

describe('rule 4.5, expiry and grace periods: what a grace period is for', () => {
  test.each<[string, Partial<Finding>]>([
    ['another vulnerable version', { purl: 'pkg:npm/%40scope/minimist@0.0.9', installedVersion: '0.0.9' }],
    ['another severity, title or fix', { severity: 'HIGH', title: 'y', fixedVersion: '1' }],
    ['another fingerprint', { fingerprint: 'g' }],
  ])('is the same with %s', (_what, changes) => {
    expect(gracePeriodKey({ ...FINDING, ...changes })).toBe(gracePeriodKey(FINDING));
  });

  test.each<[string, Partial<Finding>]>([
    ['another vulnerability', { id: 'CVE-2' }],
    ['another package', { purl: 'pkg:npm/%40scope/other@0.0.8' }],
    ['another scope', { purl: 'pkg:npm/%40other/minimist@0.0.8' }],
    ['another place', { path: 'other/package.json' }],
  ])('is another one with %s', (_what, changes) => {
    expect(gracePeriodKey({ ...FINDING, ...changes })).not.toBe(gracePeriodKey(FINDING));
  });

  test('of a package without a purl goes by its name; of anything else by its fingerprint', () => {
    const { purl: _purl, ...named } = FINDING;
    expect(gracePeriodKey({ ...named, package: 'a' })).not.toBe(gracePeriodKey({ ...named, package: 'b' }));
    expect(gracePeriodKey({ ...named, package: 'a', installedVersion: '1' })).toBe(
      gracePeriodKey({ ...named, package: 'a', installedVersion: '2' }),
    );
    expect(gracePeriodKey({ ...FINDING, type: 'secret', fingerprint: 'secret' })).toBe('secret');
  });
});

test('days are whole ones', () => {
  expect(gracePeriodEnd('2026-11-25T10:00:00.000Z', 7)).toEqual(new Date('2026-12-02T10:00:00.000Z'));
});
