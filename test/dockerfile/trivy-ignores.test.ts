import { readIgnores, withoutIgnores } from '../../dockerfile/trivy-ignores';

test.each([
  ['# trivy:ignore:*'],
  ['# tfsec:ignore:*'],
  ['RUN true # trivy:ignore:DS-0031'],
  ['#trivy:ignore:AVD-DS-0031'],
  ['# why, Trivy:IGNORE:DS-0026'],
  ['RUN echo trivy:ignore:DS-0001'],
  ['# trivy:exp:2099-01-01:ignore:DS-0001'],
  ['# trivy:a\t:b:ignore:*'],
])('%j turns nothing off, and is told', line => {
  const text = `FROM a\n${line}\nUSER 1\n`;
  const blunt = withoutIgnores(text);
  expect([blunt.length, blunt.split('\n').length]).toEqual([text.length, text.split('\n').length]);
  expect(blunt).not.toMatch(/ignore/i);
  expect(readIgnores(text).map(({ rule, level, line: at }) => [rule, level, at])).toEqual([
    ['ignore-comment', 'warned', 2],
  ]);
});

test.each([['FROM aquasec/trivy:0.74'], ['# ignore this'], ['# trivy: ignore:me']])(
  '%j is left as it is',
  text => {
    expect([withoutIgnores(text), readIgnores(text)]).toEqual([text, []]);
  },
);
