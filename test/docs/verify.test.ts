import { blocksOf, page, rowsOf } from './markdown';
import { COSIGN_VERSIONS } from '../../local/tools/versions';
import { CASES } from '../../local/verify/cases';
import { tableIn, withTable } from '../../local/verify/page';
import { renderMatrix, withoutNames } from '../../local/verify/table';
import { MAX_AGE_HOURS } from '../../local/verify/verifiers';
import { Claims } from '../../src/core/signing/statement';

const text = page('docs/verify.md');
const section = (heading: string) => text.split(/^## /m).find(each => each.startsWith(heading))!;

test('every claim that is signed is explained, and no other', () => {
  expect([...rowsOf(text.slice(0, text.indexOf('## '))).keys()]).toEqual(Object.keys(Claims.shape));
});

test('commands ask for claims that are signed', () => {
  const asked = blocksOf({ file: 'docs/verify.md', text })
    .flatMap(({ code }) => [...code.matchAll(/-a (\w+)=(\S+)/g)])
    .map(([, name, value]) => ({ name: name!, value: value! }));
  expect(new Set(asked.map(({ name }) => name))).toEqual(new Set(['verdict', 'repository']));
  expect(asked.filter(({ name }) => !(name in Claims.shape))).toEqual([]);
  expect(
    asked.filter(({ name, value }) => name === 'verdict' && value !== Claims.shape.verdict.value),
  ).toEqual([]);
});

test("every command of cosign's verify asks for all that is needed", () => {
  const commands = blocksOf({ file: 'docs/verify.md', text }).flatMap(
    ({ code }) => code.match(/cosign verify (?:.*\\\n)*.*/g) ?? [],
  );
  expect(commands.length).toBeGreaterThan(0);
  expect(
    commands.filter(
      command =>
        !/--key \S+ --insecure-ignore-tlog=true \\\n *-a verdict=PASS -a repository=\S+ \S+@/.test(command),
    ),
  ).toEqual([]);
});

test('the table is of the versions that are pinned', () => {
  const matrix = section('What accepts what');
  expect([
    ...new Set([...matrix.matchAll(/\bcosign (\d+\.\d+\.\d+)/g)].map(([, version]) => version)),
  ]).toEqual([...COSIGN_VERSIONS]);
  expect(matrix).toContain(`cosign ${COSIGN_VERSIONS.join(' and ')}, built from source`);
  expect(matrix).toContain(`a maximum age of ${MAX_AGE_HOURS} hours`);
  expect(section('With cosign')).toContain(`cosign ${COSIGN_VERSIONS[0]} or newer`);
});

test('the table has every case, and every reason that it numbers', () => {
  const [table, reasons] = tableIn(text).split('\n\n');
  const titles = table!
    .split('\n')
    .slice(2)
    .map(row => row.split(' | ')[0]!.slice('| '.length));
  expect(titles).toEqual(Object.values(CASES).map(({ title }) => title));
  const numbers = [...table!.matchAll(/\((\d+)\)/g)].map(([, number]) => Number(number));
  expect(new Set(numbers)).toEqual(new Set(reasons!.split('\n').map((_, at) => at + 1)));
});

describe('the table that docs:verify writes', () => {
  const refuses = (says: string) => ({ trusted: false, says });
  const accepts = { trusted: true, says: '' };
  const row = (
    truth: 'trusted' | 'refused',
    answers: Parameters<typeof renderMatrix>[0]['rows'][number]['answers'],
  ) => ({ of: { name: 'passed' as const, title: 'an image', truth }, answers });

  test('takes the place of the one before', () => {
    const written = withTable(text, 'table');
    expect(tableIn(written)).toBe('table');
    expect(withTable(written, tableIn(text))).toBe(text);
  });

  test('marks what must not run and is accepted, and gives one reason one number', () => {
    const lines = renderMatrix({
      headings: ['a', 'b'],
      rows: [
        row('refused', [{ k: accepts }, { k: refuses('no') }]),
        row('trusted', [{ k: accepts }, { k: refuses('no') }]),
      ],
    }).split('\n');
    expect(lines.slice(2)).toEqual([
      '| an image | **accepts** | refuses (1) |',
      '| an image | accepts | refuses (1) |',
      '',
      '1. `no`',
    ]);
  });

  test('names the forms of the key where they do not say the same', () => {
    const [, , line] = renderMatrix({
      headings: ['a'],
      rows: [row('refused', [{ awskms: accepts, 'cosign.pub': refuses('no') }])],
    }).split('\n');
    expect(line).toBe('| an image | `awskms`: **accepts**; `cosign.pub`: refuses (1) |');
  });

  test('says nothing that differs from run to run', () => {
    const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;
    expect(
      withoutNames(
        `${digest} sha256:01234567: team/app-0a1b2c3d\n scan 01ARZ3NDEKTSV4RRFFQ69G5FAV at 2026-11-25T02:00:00.000Z, judged 60482 hours ago`,
      ),
    ).toBe('sha256:… sha256:…: team/app scan <scan> at <time>, judged <n> hours ago');
  });
});
