import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RULES } from '../../../../src/core/policy/rules';
import { STANDARD } from '../../support/made';

const files = readdirSync(join(__dirname, '../../../../src/core/policy/rules')).filter(file => file !== 'index.ts').map(file => file.replace(/\.ts$/, ''));

describe('every rule', () => {
  test.each(files)('%s is registered, and has a test with an example that passes and one that does not', name => {
    expect(RULES.has(name)).toBe(true);
    const tests = readFileSync(join(__dirname, `${name}.test.ts`), 'utf8');
    expect(tests).toMatch(/test(?:\.each\([^]*?\))?\('passes /);
    expect(tests).toMatch(/test(?:\.each\([^]*?\))?\('(?:fails|cannot tell) /);
  });

  test('there is none without a file', () => {
    expect([...RULES.keys()].sort()).toEqual([...files].sort());
  });

  test('the standard policy has every one of them', () => {
    expect(STANDARD.document.rules.map(({ rule }) => rule).sort()).toEqual([...files].sort());
  });
});
