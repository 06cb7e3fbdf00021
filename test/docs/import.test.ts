import { blocksOf, page } from './markdown';
import { synthesise } from './run-block';
import { outputName, parameterName, PublishedPart } from '../../src/core/sharing/contract';
import { trustStack } from '../support/synthesise';

const FILE = 'docs/import.md';
const text = page(FILE);
const blocks = blocksOf({ file: FILE, text })
  .filter(({ language }) => language === 'ts')
  .map(block => [`${FILE}:${block.line}`, block] as const);

test.each(blocks)('%s is synthesised', (_, block) => {
  expect(synthesise(block)).toBeDefined();
});

test('the table names every output, and the parameter of each of them that is one', () => {
  const rows = [...text.matchAll(/^\| `(TrustedImages\w+)` \| (\S+) \|/gm)].map(([, output, parameter]) => [
    output,
    parameter,
  ]);
  expect(rows).toEqual(
    (Object.keys(PublishedPart) as PublishedPart[]).map(part => [
      outputName(part),
      part === 'signingKeys' ? 'none' : `\`${PublishedPart[part]}\``,
    ]),
  );
  expect(text).toContain(
    parameterName('platform', 'schemaVersion').replace(PublishedPart.schemaVersion, '…'),
  );
});

test('a published trust has these outputs', () => {
  const { Outputs } = trustStack({ publishedAs: 'platform' }).template.toJSON();
  // stacks of the same app import the others
  const published = Object.keys(Outputs).filter(name => name.startsWith('TrustedImages'));
  expect(published.length).toBeGreaterThan(10);
  for (const name of published) expect(text).toContain(`\`${name}\``);
});
