import { blocksOf, page, rowsOf } from './markdown';
import { synthesise } from './run-block';
import { Limit } from '../../src/core/limits';
import { REMOVED_FUNCTIONS, REPORT_SCHEMA } from '../../src/core/rego/policy-input';
import { MAX_MESSAGES } from '../../src/core/rego/prepared';
import { decide, denialsOf, problemsOf, recorded, reportWith } from '../core/rego/support';

const FILE = 'docs/rego.md';
const text = page(FILE);
const blocks = blocksOf({ file: FILE, text });
const [first, secrets, accepted] = blocks
  .filter(({ language }) => language === 'rego')
  .map(({ code }) => code);
const data: unknown = JSON.parse(blocks.find(({ language }) => language === 'json')!.code);
const section = (heading: string) => text.split(/^## /m).find(each => each.startsWith(heading))!;

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

function fieldsAt(path: string): string[] {
  const at = path.split('.').reduce<Schema>((schema, step) => {
    const found = schema.properties![step.replace('[_]', '')]!;
    return step.endsWith('[_]') ? found.items! : found;
  }, REPORT_SCHEMA as Schema);
  return Object.keys(at.properties!);
}

test('the first policy decides', () => {
  expect(decide(first!, recorded('alpine-eol'))).toMatchObject({
    denials: [
      { message: 'CVE-2021-36159 in apk-tools: upgrade to 2.10.7-r0' },
      { message: 'CVE-2021-3711 in libcrypto1.1: upgrade to 1.1.1l-r0' },
      { message: 'CVE-2021-3711 in libssl1.1: upgrade to 1.1.1l-r0' },
      { message: 'Alpine 3.11 gets no fixes any more', severity: 'HIGH', remedy: 'build on alpine:3.22' },
    ],
    warnings: [{ message: 'built for amd64' }],
  });
});

test('the one in v0 decides', () => {
  expect(decide(secrets!, recorded('secret-deleted-later'))).toMatchObject({
    denials: expect.arrayContaining([
      { rule: 'data.trivy.violation', message: 'secret: private-key', id: 'private-key' },
    ]),
  });
});

test('the one with data decides', () => {
  expect(denialsOf(decide(accepted!, recorded('alpine-eol'), { data }))).not.toContain(
    'CVE-2021-36159 is not accepted',
  );
  expect(denialsOf(decide(accepted!, recorded('alpine-eol'), { data: { accepted: [] } }))).toContain(
    'CVE-2021-36159 is not accepted',
  );
});

test('every block of Rego was run', () => {
  expect(blocks.map(({ language }) => language).filter(language => !['', 'ts'].includes(language))).toEqual([
    'rego',
    'rego',
    'rego',
    'json',
    'text',
  ]);
});

test.each(
  blocks.filter(({ language }) => language === 'ts').map(block => [`${FILE}:${block.line}`, block] as const),
)('%s is synthesised', (_, block) => {
  expect(synthesise(block)).toBeDefined();
});

test('an error looks like that', () => {
  const shown = blocks.find(({ language }) => language === 'text')!.code.trim();
  expect(problemsOf('package p\ndeny contains msg if msg := sprntf("x", [])\n')).toEqual([shown]);
});

test('every list of fields is that of the schema', () => {
  const rows = [...rowsOf(section('What a policy sees'))];
  expect(rows.length).toBeGreaterThan(5);
  for (const [path, [fields]] of rows) {
    expect({ path, fields: [...fields!.matchAll(/`(\w+)`/g)].map(([, field]) => field) }).toEqual({
      path,
      fields: fieldsAt(path),
    });
  }
});

test('every function that is removed is told', () => {
  expect([...rowsOf(section('Errors')).keys()]).toEqual(REMOVED_FUNCTIONS);
});

test.each([...rowsOf(section('Fail closed'))])(
  '%s ends as the page says',
  (rule, [cause]) => {
    const seconds = cause!.includes('TIMED_OUT') ? 1 : 60; // others end by themselves, on a busy machine later
    expect(decide(`package p\n${rule.replaceAll('\\|', '|')}\n`, reportWith({}), { seconds })).toMatchObject({
      failure: { cause: cause!.replaceAll('`', '') },
    });
  },
  90_000,
);

test('the limits are those of the code', () => {
  const MIB = 1024 * 1024;
  expect(section('Limits')).toContain(`${MAX_MESSAGES.toLocaleString('en')}; more refuse all the same`);
  expect(section('Limits')).toContain(
    `| ${Limit.regoFiles} of ${Limit.regoBytes / MIB} MiB; the document with all policies has ${Limit.policyBytes / MIB} MiB |`,
  );
});
