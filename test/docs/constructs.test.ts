import { blocksOf, page } from './markdown';
import { synthesise } from './run-block';
import { readWaivers } from '../../src/core/waivers/read-waivers';
import { NOW } from '../core/support/made';

const FILE = 'docs/constructs.md';
const blocks = blocksOf({ file: FILE, text: page(FILE) });
const inLanguage = (wanted: string) =>
  blocks
    .filter(({ language }) => language === wanted)
    .map(block => [`${FILE}:${block.line}`, block] as const);

test.each(inLanguage('ts'))('%s is synthesised', (_, block) => {
  expect(synthesise(block)).toBeDefined();
});

test.each(inLanguage('yaml'))('%s is a file of waivers', (_, { code }) => {
  expect(readWaivers(code, { file: 'waivers.yaml', maxLifeDays: 90, now: NOW })).toMatchObject({ ok: true });
});
