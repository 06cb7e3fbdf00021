import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { anchorsOf, linksOf, PAGES, page, ROOT } from './markdown';

const scripts = Object.keys(
  (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object }).scripts,
);

test.each(PAGES)('every link of $file leads somewhere', current => {
  const broken = linksOf(current).filter(({ target, anchor }) => {
    if (!existsSync(join(ROOT, target))) return true;
    return anchor !== undefined && !anchorsOf(readFileSync(join(ROOT, target), 'utf8')).includes(anchor);
  });
  expect(broken).toEqual([]);
});

test.each(PAGES)('every npm script that $file names exists', ({ text }) => {
  const named = [...text.matchAll(/npm (?:run (?:-s |--silent )?)([a-z][a-z:0-9-]*)/g)].map(
    ([, script]) => script!,
  );
  expect(named.filter(script => !scripts.includes(script))).toEqual([]);
});

test('every page is found from the first', () => {
  const pages = PAGES.map(({ file }) => file);
  const found = new Set(['README.md']);
  for (const file of found) {
    for (const { target } of linksOf({ file, text: page(file) })) {
      if (pages.includes(target)) found.add(target);
    }
  }
  expect(pages.filter(file => !found.has(file))).toEqual([]);
});

test('every page is in the table of contents', () => {
  const contents = linksOf({ file: 'docs/README.md', text: page('docs/README.md') }).map(
    ({ target }) => target,
  );
  const pages = PAGES.map(({ file }) => file).filter(file => /^docs\/(?!README)[^/]+$/.test(file));
  expect(pages.filter(file => !contents.includes(file))).toEqual([]);
});
