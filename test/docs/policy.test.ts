import { Stage, type Stack } from 'aws-cdk-lib';
import * as ts from 'typescript';
import { blocksOf, page, rowsOf, type Block } from './markdown';
import * as library from '../../src';
import { RULES } from '../../src/core/policy/rules';
import { newStack } from '../support/synthesise';

const FILE = 'docs/policy.md';
const text = page(FILE);
const blocks = blocksOf({ file: FILE, text }).filter(({ language }) => language === 'ts');
const rows = rowsOf(text.slice(text.indexOf('\n## Rules'), text.indexOf('\n### Vulnerabilities')));
const rulesOf = (policy: library.ImagePolicy) => JSON.parse(policy._render()).rules as { rule: string; action: string }[];

/** Runs a block in the constructor of a stack, as it would run in the reader's app. That its types are right says the test of all pages. */
function synthesise({ code }: Block): unknown {
  const lines = code.split('\n');
  const isImport = (line: string) => line.startsWith('import ');
  const program = [...lines.filter(isImport), 'exports.construct = function () {', ...lines.filter(line => !isImport(line)), '};'].join('\n');
  const { outputText } = ts.transpileModule(program, { compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 } });
  const exported: { construct?: (this: Stack) => void } = {};
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const load = (name: string): unknown => name === 'cdk-trusted-images' ? library : require(name);
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  new Function('require', 'exports', outputText)(load, exported);
  const stack = newStack();
  exported.construct!.call(stack);
  return Stage.of(stack)!.synth().getStackArtifact(stack.artifactId).template;
}

test.each(blocks.map(block => [`${FILE}:${block.line}`, block] as const))('%s is synthesised', (_, block) => {
  expect(synthesise(block)).toBeDefined();
});

test('every rule is in the table, and no other', () => {
  expect([...rows.keys()].sort()).toEqual([...RULES.keys()].sort());
});

test('every rule has an example', () => {
  const used = new Set(blocks.flatMap(({ code }) => [...code.matchAll(/PolicyRule\.(\w+)\(/g)].map(([, name]) => name!)));
  const factories = [...rows.values()].map(([factory]) => /^\[`(\w+)\(\)`\]/.exec(factory!)![1]!);
  expect(factories.filter(name => !used.has(name) || !(name in library.PolicyRule))).toEqual([]);
});

test.each([['standard', library.ImagePolicy.standard(), 2], ['strict', library.ImagePolicy.strict(), 3]] as const)('the table says which rules %s() has, and which of them warn', (_, policy, column) => {
  const entries = rulesOf(policy);
  for (const [rule, cells] of rows) {
    const actions = entries.filter(entry => entry.rule === rule).map(({ action }) => action);
    const cell = cells[column]!;
    expect([rule, cell === '–', /\bwarns\b/.test(cell)]).toEqual([rule, actions.length === 0, actions.includes('warn')]);
  }
});

test('the table of the old and the new names rules that there are', () => {
  const names = [...text.slice(text.indexOf('\n## From ')).matchAll(/PolicyRule\.(\w+)\(/g)].map(([, name]) => name!);
  expect(names.filter(name => !(name in library.PolicyRule))).toEqual([]);
});
