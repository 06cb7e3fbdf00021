import { anchorsOf, blocksOf, page, rowsOf } from './markdown';
import { TEMPLATES } from '../../cli/templates/languages';
import { checkDockerfile } from '../../src/core/dockerfile/check-dockerfile';
import { CHECKS } from '../../src/core/dockerfile/checks';

const FILE = 'docs/dockerfile.md';
const text = page(FILE);
const rows = rowsOf(text.slice(text.indexOf('\n## Rules'), text.indexOf('\n### ')));

/** The section that a rule's row leads to. */
function sectionOf(rule: string): string {
  const [, anchor] = /\]\(#([^)]+)\)/.exec(rows.get(rule)!.join(' '))!;
  return text.split(/^(?=### )/m).find(section => anchorsOf(section)[0] === anchor)!;
}

test('every rule is in the table, and no other', () => {
  expect([...rows.keys()].sort()).toEqual([...CHECKS.map(({ rule }) => rule), 'ignore-comment', 'unreadable'].sort());
});

describe.each(CHECKS.map(({ rule }) => [rule]))('%s', rule => {
  const examples = blocksOf({ file: FILE, text: sectionOf(rule) }).filter(({ language }) => language === 'dockerfile').map(({ code }) => code);
  const [level] = rows.get(rule)!;

  test('has a bad and a good example', () => expect(examples).toHaveLength(2));

  test('finds the bad one, and nothing else in it', () => {
    expect(checkDockerfile(examples[0]!).map(finding => [finding.rule, finding.level])).toEqual([[rule, level]]);
  });

  test('finds nothing in the good one', () => expect(checkDockerfile(examples[1]!)).toEqual([]));
});

test('what the page shows of a check is what it says', () => {
  const shown = blocksOf({ file: FILE, text }).find(({ code }) => code.startsWith('$ npx cdk-trusted-images scan'))!.code.split('\n').slice(1, -2);
  const found = checkDockerfile('FROM node:22-alpine\nENV NPM_TOKEN=a\nUSER 1000\nHEALTHCHECK NONE\n');
  expect(shown).toEqual(found.flatMap(({ rule, level, line, message, remedy }) => [`Dockerfile:${line}: ${level} ${rule}: ${message}`, `    ${remedy}`]));
});

test('the languages are those that there are', () => {
  expect(text).toContain(`--language ${Object.keys(TEMPLATES).join('|')}`);
});
