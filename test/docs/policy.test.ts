import { parse } from 'yaml';
import * as z from 'zod';
import { blocksOf, page, rowsOf } from './markdown';
import { synthesise } from './run-block';
import * as library from '../../src';
import { RuleResult, Verdict } from '../../src/core/evidence/verdict';
import { Limit } from '../../src/core/limits';
import { RULES } from '../../src/core/policy/rules';
import { parseWaivers } from '../../src/core/waivers/document';
import { newFolder } from '../cli/init/generated';
import { runCli } from '../cli/run-cli';
import { policyFileSchema } from '../core/policy/policy-file-schema';
import { evaluateRecorded, verdictOf } from '../core/support/made';

const FILE = 'docs/policy.md';
const text = page(FILE);
const blocks = blocksOf({ file: FILE, text }).filter(({ language }) => language === 'ts');
const section = (heading: string) => text.split(/^## /m).find(each => each.startsWith(heading))!;
const rows = rowsOf(text.slice(text.indexOf('\n## Rules'), text.indexOf('\n### Vulnerabilities')));
const rulesOf = (policy: library.ImagePolicy) =>
  JSON.parse(policy._render()).rules as { rule: string; action: string }[];

test.each(blocks.map(block => [`${FILE}:${block.line}`, block] as const))('%s is synthesised', (_, block) => {
  expect(synthesise(block)).toBeDefined();
});

test('every rule is in the table, and no other', () => {
  expect([...rows.keys()].sort()).toEqual([...RULES.keys()].sort());
});

test('every rule has an example', () => {
  const used = new Set(
    blocks.flatMap(({ code }) => [...code.matchAll(/PolicyRule\.(\w+)\(/g)].map(([, name]) => name!)),
  );
  const factories = [...rows.values()].map(([factory]) => /^\[`(\w+)\(\)`\]/.exec(factory!)![1]!);
  expect(factories.filter(name => !used.has(name) || !(name in library.PolicyRule))).toEqual([]);
});

test.each([
  ['standard', library.ImagePolicy.standard(), 2],
  ['strict', library.ImagePolicy.strict(), 3],
] as const)('the table says which rules %s() has, and which of them warn', (_, policy, column) => {
  const entries = rulesOf(policy);
  for (const [rule, cells] of rows) {
    const actions = entries.filter(entry => entry.rule === rule).map(({ action }) => action);
    const cell = cells[column]!;
    expect([rule, cell === '–', /\bwarns\b/.test(cell)]).toEqual([
      rule,
      actions.length === 0,
      actions.includes('warn'),
    ]);
  }
});

test('the table of the old and the new names rules that there are', () => {
  const names = [...text.slice(text.indexOf('\n## From ')).matchAll(/PolicyRule\.(\w+)\(/g)].map(
    ([, name]) => name!,
  );
  expect(names.filter(name => !(name in library.PolicyRule))).toEqual([]);
});

describe('a policy as a file', () => {
  const inSection = blocksOf({ file: FILE, text: section('A policy as a file') });
  const example = inSection.find(({ language }) => language === 'yaml')!.code;
  const [said] = inSection.filter(({ language }) => language === '').map(({ code }) => code);

  test('agrees with its schema', () => {
    const schema = z.fromJSONSchema(JSON.parse(policyFileSchema()) as Parameters<typeof z.fromJSONSchema>[0]);
    expect(schema.safeParse(parse(example))).toMatchObject({ success: true });
  });

  test('says what is wrong as the page shows it', async () => {
    const folder = newFolder({
      'trusted-images.yaml': example.replace('action: warn', 'action: wran'),
      'image.tar': '',
    });
    expect(await runCli(['scan', 'image.tar', '--policy', 'trusted-images.yaml'], folder)).toEqual({
      code: 2,
      out: '',
      err: said,
    });
  });
});

describe('a verdict', () => {
  const explains = section('How a verdict explains itself');
  const waiver = {
    id: 'CVE-2021-3711',
    repositories: ['team/*'],
    owner: 'platform@example.com',
    reason: 'The service ends no TLS: a proxy in front of it does, and decrypts no SM2.',
    ticket: 'SEC-104',
    expires: '2026-11-27',
  };

  test('is as the page shows it', () => {
    const waivers = parseWaivers(JSON.stringify({ version: 1, waivers: [waiver] }));
    const verdict = verdictOf(
      evaluateRecorded('alpine-eol', {
        previous: {
          outcome: 'PASS',
          validUntil: '2026-11-28T00:00:00.000Z',
          database: { updatedAt: '2026-11-01T00:00:00.000Z' },
          firstSeen: {},
          waivedBy: {},
        },
        waivers: { revision: 4, versionId: '3HL4kqtJlcpXroDTDmJ', waivers: waivers.ok ? waivers.value : [] },
      }),
    );
    expect(verdict).toMatchObject(
      JSON.parse(blocksOf({ file: FILE, text: explains }).find(({ language }) => language === 'json')!.code),
    );
  });

  test('has every field that the page explains', () => {
    const names = [...rowsOf(explains).keys()].map(key => key.replace('[]', ''));
    expect(names.filter(name => !(name in Verdict.shape))).toEqual([]);
    const ofRules = /`rules\[\]` \|(.*)/.exec(explains)![1]!;
    expect(Object.keys(RuleResult.shape).filter(field => !ofRules.includes(`\`${field}\``))).toEqual([]);
  });
});

test('the limits are those of the code', () => {
  expect(section('Rules')).toContain(`${Limit.openGracePeriods.toLocaleString('en')} grace periods`);
  expect(section('How a verdict explains itself')).toContain(`${Limit.verdictViolations} at most`);
});
