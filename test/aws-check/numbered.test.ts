import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NUMBERED } from '../../aws-check/numbered/run-numbered';

const PAGE = readFileSync(join(__dirname, '..', '..', 'docs', 'not-run-on-aws.md'), 'utf8');
const [, section = ''] = PAGE.split('## Check first on AWS\n');

/** Markdown's links and bold letters are not part of the words. */
const plain = (text: string) => text.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('**', '');

const items = [...section.matchAll(/^(\d+)\. (.+)$/gm)].map(([, number, text]) => ({
  number: Number(number),
  text: plain(text!),
}));

test('each item of "Check first on AWS" has a check with its number and its words, and no check has another', () => {
  expect(items.length).toBeGreaterThan(25);
  expect(NUMBERED.map(({ number }) => number)).toEqual(items.map(({ number }) => number));
  const others = NUMBERED.filter(({ title }, at) => !items[at]!.text.startsWith(title.replace(/\.$/, '')));
  expect(others.map(({ number, title }) => `${number}. ${title}`)).toEqual([]);
});

test('each part is asked, is shown by tests, or says why a program cannot check it', () => {
  const parts = NUMBERED.flatMap(each => each.parts);
  expect(NUMBERED.filter(each => each.parts.length === 0)).toEqual([]);
  const silent = parts.filter(part => 'cannot' in part && part.cannot.split(' ').length < 6);
  expect(silent).toEqual([]);
  expect(parts.filter(part => 'run' in part).length).toBeGreaterThan(20);
});
