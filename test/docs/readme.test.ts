import { blocksOf, page, PAGES } from './markdown';
import { synthesise } from './run-block';
import { problemsIn } from './type-check';
import { ScanFile, scanKey, verdictKey } from '../../src/core/evidence/evidence-keys';
import { summarise } from '../../src/core/evidence/verdict';
import { refusalMessage } from '../../src/core/gates/refusal-message';
import { newRow } from '../../src/core/register/row';
import { withVerdict } from '../../src/core/register/transitions';
import { decide } from '../../src/core/trust/decide';
import type { Refused } from '../../src/core/trust/refusal';
import { wayOut } from '../../src/core/trust/way-out';
import { codePipelineSnippet } from '../cli/init/generated';
import { evaluateRecorded, NOW, verdictOf } from '../core/support/made';

const text = page('README.md');
const blocks = blocksOf({ file: 'README.md', text });
const inLanguage = (wanted: string) => blocks.filter(({ language }) => language === wanted);

test('every TypeScript block of every page compiles, and what init codepipeline prints', async () => {
  // at once: the types of the CDK take the compiler most of the time
  const printed = { file: 'snippet.md', text: `\`\`\`ts\n${await codePipelineSnippet()}\`\`\`\n` };
  expect(problemsIn([...PAGES, printed])).toEqual([]);
}, 120_000);

test('it is short, and begins with the two commands', () => {
  expect(text.split('\n').length).toBeLessThanOrEqual(200);
  expect(blocks[0]!.code).toBe('npm ci && npm run demo\nnpm ci && npm test\n');
});

test('the example of a stack is ten lines, and is synthesised', () => {
  const [example, ...others] = inLanguage('ts');
  expect(others).toEqual([]);
  expect(example!.code.trimEnd().split('\n')).toHaveLength(10);
  expect(synthesise(example!)).toBeDefined();
});

test('the refusal is what a deployment says of such an image', () => {
  const [{ code: shown }] = inLanguage('text') as [(typeof blocks)[number]];
  const [, image, scanId] = /^(\S+) is refused: .*, scan (\w+)\)$/m.exec(shown)!;
  const [, bucket] = /^verdict: s3:\/\/([^/]+)\//m.exec(shown)!;
  const verdict = { ...verdictOf(evaluateRecorded('fixable-critical')), image: image!, scanId: scanId! };
  const row = withVerdict(
    { ...newRow(image!), kind: 'image' },
    summarise(verdict, { evidenceKey: verdictKey(image!, scanId!), sha256: 'e' }, 5),
  );
  const refused = decide(row.pk, row, [], NOW) as Refused;
  const [, stack] = /--scope (\S+)/.exec(shown)!;
  expect(shown.trimEnd().split('\n')).toEqual([
    ...refusalMessage(refused, row, bucket!).split('\n'),
    wayOut(row.pk, `${stack}/7b1f4a90-cb3f-11f1-8d1c-0a58a9feac02`, 'Trust'),
  ]);
  expect(shown).toContain(scanKey(image!, scanId!, ScanFile.report));
});
