import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { page, ROOT, rowsOf } from './markdown';
import { RULES, RULES_OF_TESTS } from './rule-runs';
import { rulesIn } from './test-titles';
import { BESIDE, MAY_IMPORT } from '../../projenrc/boundaries';
import { FOLDERS, type Kind } from '../../projenrc/folders';
import { CAUSES, isHourly, type Cause } from '../../src/core/scanning/failed-scan';
import { REFUSALS } from '../../src/core/trust/refusal';

const text = page('docs/architecture.md');

test('every cause is in the table of failures, with what the code says of it', () => {
  const written = [...rowsOf(text.slice(text.indexOf('## 6'), text.indexOf('## 7')))].map(
    ([cause, [, again, todo]]) => [cause, again, todo],
  );
  const coded = Object.entries(CAUSES).map(([cause, { transient, remedy }]) => [
    cause,
    transient ? 'yes' : isHourly(cause as Cause) ? 'hourly' : 'no',
    remedy.replace(/^it is retried automatically(?:; )?/, '') || 'nothing',
  ]);
  expect(written).toEqual(coded);
});

test('every reason to refuse is in the table of refusals, with what the code says of it', () => {
  const written = [...rowsOf(text.slice(text.indexOf('## 7')))].map(([reason, [says, todo]]) => [
    reason,
    says,
    todo,
  ]);
  expect(written).toEqual(
    Object.entries(REFUSALS).map(([reason, { says, remedy }]) => [reason, says, remedy]),
  );
});

describe('a citation of a rule in code or tests', () => {
  const sources = ['src', 'lambda', 'use-cases', 'adapters', 'cli', 'dockerfile', 'local', 'test'].flatMap(
    sourcesIn,
  );

  test('has a number that the page explains', () => {
    const cited = sources.flatMap(source =>
      [...source.matchAll(/\brules? ((?:[45]\.\d+(?:, | and | to )?)+)/g)].flatMap(([, list]) =>
        list!.match(/[45]\.\d+/g)!,
      ),
    );
    expect(new Set(cited).size).toBeGreaterThan(10);
    expect(cited.filter(rule => !RULES.has(rule))).toEqual([]);
  });

  test('has the name that the page gives that number', () => {
    const unnamed = sources.flatMap(source =>
      [...source.replace(/\s*\n\s*(?:\*|\/\/)? ?/g, ' ').matchAll(/\brule ([45]\.\d+)(.{0,60})/g)]
        .filter(([, rule, after]) => {
          const name = RULES.get(rule!);
          return name === undefined || !(after!.startsWith(`, ${name}`) || after!.startsWith(` (${name})`));
        })
        .map(([citation]) => citation),
    );
    expect(unnamed).toEqual([]);
  });
});

describe('the tests of a rule', () => {
  const proving = new Map(
    [...text.matchAll(/^\| ([45]\.\d+) \|.*\|([^|]*)\|$/gm)].map(([, rule, tests]) => [
      rule!,
      [...tests!.matchAll(/\]\(\.\.\/(test\/[^)#]+)\)/g)].map(([, file]) => file!),
    ]),
  );

  test('each rule has some, but the one that nothing needs yet', () => {
    const without = [...proving].filter(([, tests]) => tests.length === 0).map(([rule]) => rule);
    expect([proving.size > 20, without]).toEqual([true, ['4.10']]);
  });

  test('each file that a rule lists has a test whose title names the rule', () => {
    const silent = [...proving].flatMap(([rule, tests]) =>
      tests.filter(file => RULES_OF_TESTS.get(file)?.has(rule) !== true).map(file => `${rule}: ${file}`),
    );
    expect(silent).toEqual([]);
  });

  test('each title that names a rule names one that the page explains', () => {
    const unknown = [...RULES_OF_TESTS].flatMap(([file, rules]) =>
      [...rules].filter(rule => !proving.has(rule)).map(rule => `${file}: ${rule}`),
    );
    expect(unknown).toEqual([]);
  });

  test.each([
    ['rule 4.3, outbox: a push', ['4.3']],
    ['a broken row (rule 5.7, fail closed)', ['5.7']],
    ['rules 4.1, 4.2 and 5.10: all', ['4.1', '4.2', '5.10']],
    ['rules 4.1 to 4.3: all', ['4.1', '4.2', '4.3']],
    ['rules 4.1, 4.3 to 4.5 and 5.7: all', ['4.1', '4.3', '4.4', '4.5', '5.7']],
    ['the ruler 4.1', []],
  ])('%j names %j', (title, rules) => expect(rulesIn(title)).toEqual(rules));
});

describe('section 3', () => {
  const section = text.slice(text.indexOf('## 3 Layout'), text.indexOf('## 4'));
  const labels: Readonly<Record<Kind, string>> = {
    core: 'src/core/',
    runtime: 'src/runtime/',
    construct: 'src/*/',
    library: 'src/*.ts',
    adapter: 'adapters/',
    'use-case': 'use-cases/',
    handler: 'lambda/',
    dockerfile: 'dockerfile/',
    cli: 'cli/',
  };
  const kinds = Object.keys(FOLDERS) as Kind[];
  const order = [...kinds, ...Object.keys(BESIDE)].reverse();
  const labelOf = (kind: string) => (labels as Record<string, string>)[kind] ?? `${kind}/`;

  test('draws which folders import which', () => {
    const arrows = [
      ...Object.entries(BESIDE).reverse(),
      ...kinds.map(kind => [kind, MAY_IMPORT[kind].kinds] as const).reverse(),
    ].map(([kind, may]) => {
      const others = order.filter(each => each !== kind && may.includes(each as never)).map(labelOf);
      return `${labelOf(kind).padEnd(12)} --> ${others.join('  ') || '(nothing)'}`;
    });
    expect(/```\n(.*?)\n```/s.exec(section)?.[1]?.split('\n')).toEqual(arrows);
  });

  test('lists the folders of each line from the ground up', () => {
    const rows = kinds
      .filter(kind => FOLDERS[kind].length > 1)
      .map(kind => {
        const folder = labels[kind].replace('*/', '');
        const inside = FOLDERS[kind]
          .filter(each => `${each}/` !== folder)
          .map(each => each.slice(folder.length));
        return `| \`${labels[kind]}\` | ${inside.join(', ')} |`;
      });
    expect(section.split('\n').filter(line => /^\| `[^`]*` \| [\w/-]+(?:, [\w/-]+)* \|$/.test(line))).toEqual(
      rows,
    );
  });

  test('describes every top folder', () => {
    const tops = [...Object.values(FOLDERS).flat(), ...Object.keys(BESIDE)].map(each => each.split('/')[0]!);
    expect([...new Set(tops)].filter(top => !section.includes(`| \`${top}/\` |`))).toEqual([]);
  });
});

test('section 2 links each function to the file that has it', () => {
  const links = [
    ...text
      .slice(text.indexOf('## 2'), text.indexOf('## 3'))
      .matchAll(/\[`([\w.]+)`\]\(\.\.\/([^)]+\.ts)\)/g),
  ];
  expect(links.length).toBeGreaterThan(20);
  const missing = links.filter(([, name, file]) => {
    if (name!.endsWith('.ts')) return !file!.endsWith(`/${name}`);
    const declared = name!
      .split('.')
      .map(each => new RegExp(`(?:function|class|const|private|public) ${each}\\b`));
    const code = readFileSync(join(ROOT, file!), 'utf8');
    return !declared.every(each => each.test(code));
  });
  expect(missing.map(([link]) => link)).toEqual([]);
});

function sourcesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .map(file => readFileSync(join(ROOT, folder, file), 'utf8'));
}
