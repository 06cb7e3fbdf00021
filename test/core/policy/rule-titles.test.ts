import { PRESETS } from '../../../src/core/policy/presets';
import { ruleTitles } from '../../../src/core/policy/rule-titles';

const deny = (rule: string, parameters: object = {}) => ({ rule, ...parameters, action: 'deny' as const });

test('a rule that is there once is called by its name', () => {
  expect(ruleTitles(PRESETS.standard.rules)).toEqual(PRESETS.standard.rules.map(({ rule }) => rule));
});

test('two of one name are told apart by what differs', () => {
  expect(ruleTitles(PRESETS.strict.rules).filter(title => title.startsWith('vulnerabilities'))).toEqual([
    'vulnerabilities (severities: CRITICAL, HIGH, UNKNOWN; onlyFixed: true; graceDays: CRITICAL 7, HIGH 30, UNKNOWN 30)',
    'vulnerabilities (severities: CRITICAL; onlyFixed: false)',
  ]);
  expect(ruleTitles([deny('image-age', { maxDays: 3 }), deny('image-age', { maxDays: 30 })])).toEqual([
    'image-age (maxDays: 3)',
    'image-age (maxDays: 30)',
  ]);
});

test('what one of them has in addition tells it, and what is the same is left out', () => {
  const severities = ['HIGH'];
  expect(
    ruleTitles([
      deny('vulnerabilities', { severities }),
      deny('vulnerabilities', { severities, scoreAtLeast: 9 }),
    ]),
  ).toEqual(['vulnerabilities', 'vulnerabilities (scoreAtLeast: 9)']);
});

test('a long parameter is cut', () => {
  const [title] = ruleTitles([
    deny('denied-packages', { packages: Array(50).fill('pkg:npm/left-pad') }),
    deny('denied-packages', { packages: ['pkg:npm/event-stream'] }),
  ]);
  expect(title!.length).toBeLessThan(100);
});
