import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { ROOT } from './markdown';

/**
 * The titles of the tests of a file, and of what they stand in; of a table, the first cell of each row where
 * the title begins with it.
 */
export function titlesIn(file: string): string[] {
  const titles: string[] = [];
  const visit = (node: ts.Node) => {
    const [title] = ts.isCallExpression(node) && isTest(node.expression) ? node.arguments : [];
    if (title !== undefined && ts.isStringLiteralLike(title)) titles.push(title.text);
    if (title !== undefined && ts.isTemplateExpression(title)) titles.push(title.getText());
    if (title?.getText().startsWith("'%s") === true) titles.push(...firstCells(node as ts.CallExpression));
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(join(ROOT, file), 'utf8'), ts.ScriptTarget.Latest, true));
  return titles;
}

function firstCells({ expression: called }: ts.CallExpression): string[] {
  const [table] = ts.isCallExpression(called) ? called.arguments : [];
  const rows = table !== undefined && ts.isArrayLiteralExpression(table) ? table.elements : [];
  return rows
    .map(row => (ts.isArrayLiteralExpression(row) ? row.elements[0] : row))
    .flatMap(cell => (cell !== undefined && ts.isStringLiteralLike(cell) ? [cell.text] : []));
}

/** `test`, `describe`, `test.each([…])`, `test.each<Row>`…``, and the like. */
function isTest(called: ts.Expression): boolean {
  if (ts.isIdentifier(called)) return ['describe', 'test'].includes(called.text);
  if (ts.isPropertyAccessExpression(called) && called.name.text === 'skip') return false;
  if (ts.isPropertyAccessExpression(called) || ts.isCallExpression(called)) return isTest(called.expression);
  return ts.isTaggedTemplateExpression(called) && isTest(called.tag);
}

/** The numbers of the rules that a title names, one by one, in a list, or from one to another. */
export function rulesIn(title: string): string[] {
  return [...title.matchAll(/\brules? (\d\.\d+(?:(?:, | and | to )\d\.\d+)*)/g)].flatMap(([, list]) =>
    [...list!.matchAll(/(\d)\.(\d+)(?: to \1\.(\d+))?/g)].flatMap(([, section, first, last = first]) =>
      Array.from({ length: Number(last) - Number(first) + 1 }, (_, at) => `${section}.${Number(first) + at}`),
    ),
  );
}
