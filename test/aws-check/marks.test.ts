import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { markedFiles } from '../../aws-check/marks';
import { SUITES } from '../../aws-check/suites';

const FOLDER = join(__dirname, '..', 'e2e');
/** What only the embedded cloud can do. */
const EMULATED = new Set(['emulator', 'miniStack', 'startCloud', 'admin']);
/** It defines them. */
const SOURCE = 'cloud.ts';

const files = readdirSync(FOLDER).filter(file => file.endsWith('.ts') && file !== SOURCE);
const sources = new Map(files.map(file => [file, parse(file)]));

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(join(FOLDER, file), 'utf8'), ts.ScriptTarget.Latest, true);
}

function calledName({ expression }: ts.CallExpression): string | undefined {
  if (ts.isIdentifier(expression)) return expression.text;
  // a method of another thing may have the name of a function here
  const isAdmin = ts.isPropertyAccessExpression(expression) && expression.name.text === 'admin';
  return isAdmin ? 'admin' : undefined;
}

/** The name of a function of the file: `function f` or `const f = () => …`. */
function functionOf(node: ts.Node): string | undefined {
  if (ts.isFunctionDeclaration(node)) return node.name?.text;
  return ts.isVariableDeclaration(node) &&
    ts.isIdentifier(node.name) &&
    node.initializer !== undefined &&
    ts.isArrowFunction(node.initializer)
    ? node.name.text
    : undefined;
}

interface Call {
  readonly name: string;
  readonly line: number;
  /** The function of the file's top that it stands in. */
  readonly within: string | undefined;
  readonly isMarked: boolean;
}

function callsIn(source: ts.SourceFile): Call[] {
  const calls: Call[] = [];
  const visit = (node: ts.Node, within: string | undefined, isMarked: boolean) => {
    if (ts.isCallExpression(node)) {
      const name = calledName(node);
      if (name !== undefined) {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart());
        calls.push({ name, line: line + 1, within, isMarked });
      }
      if (name === 'onlyEmulated') isMarked = true;
    }
    const own = within ?? functionOf(node);
    node.forEachChild(child => visit(child, own, isMarked));
  };
  visit(source, undefined, false);
  return calls;
}

const isSuite = (file: string) => file.endsWith('.e2e.ts');
const suiteNames = files.filter(isSuite).map(file => file.replace('.e2e.ts', ''));

/** Functions that reach one of these names by calls within these files. */
function reaching(names: ReadonlySet<string>, among: readonly string[]): Set<string> {
  const reached = new Set(names);
  const calls = among.flatMap(file => callsIn(sources.get(file)!));
  for (let before = 0; before !== reached.size;) {
    before = reached.size;
    for (const { name, within } of calls) {
      // it asks first whether the cloud is the embedded one
      if (within !== undefined && within !== 'quickstart' && reached.has(name)) reached.add(within);
    }
  }
  return reached;
}

test('whatever reaches the emulator itself stands under onlyEmulated(), in a file or in a block', () => {
  const helpers = reaching(
    EMULATED,
    files.filter(file => !isSuite(file)),
  );
  const marked = markedFiles();
  const calls = suiteNames.flatMap(suite => {
    const file = `${suite}.e2e.ts`;
    const reached = reaching(helpers, [file]);
    return callsIn(sources.get(file)!)
      .filter(({ name, within }) => reached.has(name) && within === undefined)
      .map(call => ({ suite, ...call }));
  });
  expect(calls.length).toBeGreaterThan(20);
  const bare = calls.filter(({ suite, isMarked }) => !isMarked && !(suite in marked));
  expect(bare.map(({ suite, line, name }) => `${suite}:${line} ${name}()`)).toEqual([]);
});

test('a block without a mark would be found', () => {
  const text = "test('x', async () => { await emulator().admin('faults'); });";
  const source = ts.createSourceFile('x.ts', text, ts.ScriptTarget.Latest, true);
  expect(callsIn(source).filter(({ name, isMarked }) => EMULATED.has(name) && !isMarked)).toHaveLength(2);
});

test('each file of end-to-end tests runs on AWS too, or says why not', () => {
  expect([...Object.keys(SUITES), ...Object.keys(markedFiles())].sort()).toEqual([...suiteNames].sort());
});

test('each reason is a sentence that says more than that it is so', () => {
  const reasons = [...sources.values()].flatMap(source =>
    [...source.text.matchAll(/onlyEmulated\(\s*(?:'([^']+)'|"([^"]+)")/g)].map(([, a, b]) => a ?? b!),
  );
  expect(reasons.length).toBeGreaterThan(20);
  expect(reasons.filter(reason => reason.split(' ').length < 5)).toEqual([]);
});
