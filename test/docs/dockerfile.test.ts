import { join } from 'node:path';
import { anchorsOf, blocksOf, page, rowsOf } from './markdown';
import { LANGUAGES } from '../../cli/init/languages';
import { CHECKS } from '../../dockerfile/checks';
import { ensureTrivy } from '../../local/tools/trivy';
import { newFolder } from '../cli/init/generated';
import { runCli } from '../cli/run-cli';
import { checkText } from '../support/dockerfile';

const FILE = 'docs/dockerfile.md';
const text = page(FILE);
const rows = rowsOf(text.slice(text.indexOf('\n## Rules'), text.indexOf('\n### ')));

/** The section that a rule's row leads to. */
function sectionOf(rule: string): string {
  const [, anchor] = /\]\(#([^)]+)\)/.exec(rows.get(rule)!.join(' '))!;
  return text.split(/^(?=### )/m).find(section => anchorsOf(section)[0] === anchor)!;
}

test('every rule is in the table, and no other', () => {
  expect([...rows.keys()].sort()).toEqual(
    [...CHECKS.map(({ rule }) => rule), 'ignore-comment', 'unreadable'].sort(),
  );
});

describe.each(CHECKS.map(({ rule }) => [rule]))('%s', rule => {
  const examples = blocksOf({ file: FILE, text: sectionOf(rule) })
    .filter(({ language }) => language === 'dockerfile')
    .map(({ code }) => code);
  const [level] = rows.get(rule)!;

  test('has a bad and a good example', () => expect(examples).toHaveLength(2));

  test('finds the bad one, and nothing else in it', () => {
    expect(checkText(examples[0]!).map(finding => [finding.rule, finding.level])).toEqual([[rule, level]]);
  });

  test('finds nothing in the good one', () => expect(checkText(examples[1]!)).toEqual([]));
});

test('what the page shows of a check is what it says', () => {
  const shown = blocksOf({ file: FILE, text })
    .find(({ code }) => code.startsWith('$ npx cdk-trusted-images scan'))!
    .code.split('\n')
    .slice(1, -2);
  const found = checkText('FROM node:22-alpine\nENV NPM_TOKEN=a\nUSER 1000\nHEALTHCHECK NONE\n');
  expect(shown).toEqual(
    found.flatMap(({ rule, level, line, message, remedy }) => [
      `Dockerfile:${line}: ${level} ${rule}: ${message}`,
      `    ${remedy}`,
    ]),
  );
});

test('the languages are those that there are', () => {
  expect(text).toContain(`--language ${Object.keys(LANGUAGES).join('|')}`);
});

describe('with Trivy', () => {
  const MINUTES = 10 * 60_000; // for the first time, in which Trivy is built
  const good = blocksOf({ file: FILE, text: sectionOf('secret') }).filter(
    ({ language }) => language === 'dockerfile',
  )[1]!.code;
  let trivy = '';
  beforeAll(async () => {
    trivy = await ensureTrivy(() => undefined);
  }, MINUTES);

  /** The exit code, and each finding with its line. */
  const scan = async (code: string, ...more: string[]) => {
    const folder = newFolder({ Dockerfile: code });
    const ended = await runCli(
      ['scan', '--dockerfile', join(folder, 'Dockerfile'), '--trivy', trivy, '--json', '-', ...more],
      folder,
    );
    const { findings } = JSON.parse(ended.out) as { findings: { rule: string; line: number }[] };
    return [ended.code, ...findings.map(({ rule, line }) => `${rule} ${line}`)];
  };
  const withLine = (line: string) => scan(good.replace(/^USER/m, `${line}\nUSER`));
  /** The names that a sentence of the page has in backticks. */
  const namesIn = (sentence: RegExp) =>
    [...sentence.exec(text)![0].matchAll(/`([A-Z][A-Z0-9_]+)`/g)].map(([, name]) => name!);

  test.each(CHECKS.map(({ rule }) => [rule]))(
    'the good example of %s passes',
    async rule => {
      const examples = blocksOf({ file: FILE, text: sectionOf(rule) }).filter(
        ({ language }) => language === 'dockerfile',
      );
      expect(await scan(examples[1]!.code)).toEqual([0]);
    },
    MINUTES,
  );

  test(
    'names that the page takes are taken, and those that it refuses are refused',
    async () => {
      const [taken, refused, byTrivy] = [
        /names are not refused: [^.]*/,
        /name of a secret is refused: [^.]*/,
        /knows nothing[^.]*/,
      ].map(namesIn);
      expect([taken!.length, refused!.length, byTrivy!.length]).toEqual([5, 7, 2]);
      const withNames = (names: readonly string[]) => withLine(names.map(name => `ENV ${name}=a`).join('\n'));
      // a finding for each, in the line that names it
      const eachIs = (rule: string, names: readonly string[]) => names.map((_, at) => `${rule} ${3 + at}`);
      expect(await withNames(taken!)).toEqual([0]);
      expect(await withNames(refused!)).toEqual([1, ...eachIs('secret', refused!)]);
      expect(await withNames(byTrivy!)).toEqual([1, ...eachIs('DS-0031', byTrivy!)]);
      expect(await withLine('ENV NPM_TOKEN=')).toEqual([0]);
    },
    MINUTES,
  );

  test(
    'a secret is told once, whatever stands beside it',
    async () => {
      expect(await withLine('ENV A=b \\\n    CACHE_KEY=c \\\n    DB_PASSWORD=d')).toEqual([1, 'secret 5']);
      expect(await withLine('ENV DB_PASSWORD=d GPG_KEY=e')).toEqual([1, 'DS-0031 3', 'secret 3']);
    },
    MINUTES,
  );

  test(
    "a stage that is not built is nobody's",
    async () => {
      const code = good.replace(/^FROM.*/m, '$& AS prod').concat('\nFROM prod\nUSER root\n');
      expect(await scan(code, '--target', 'prod')).toEqual([0]);
      expect(await scan(code)).toEqual([1, 'runs-as-root 7']);
    },
    MINUTES,
  );
});
