import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { ROOT } from './markdown';

/** The titles of the tests of a file, and of what they stand in. */
export function titlesIn(file: string): string[] {
  const titles: string[] = [];
  const visit = (node: ts.Node) => {
    const [title] = ts.isCallExpression(node) && isTest(node.expression) ? node.arguments : [];
    if (title !== undefined && ts.isStringLiteralLike(title)) titles.push(title.text);
    if (title !== undefined && ts.isTemplateExpression(title)) titles.push(title.getText());
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(join(ROOT, file), 'utf8'), ts.ScriptTarget.Latest, true));
  return titles;
}

/** `test`, `describe`, `test.each([…])`, `test.each<Row>`…``, and the like. */
function isTest(called: ts.Expression): boolean {
  if (ts.isIdentifier(called)) return ['describe', 'test'].includes(called.text);
  if (ts.isPropertyAccessExpression(called) || ts.isCallExpression(called)) return isTest(called.expression);
  return ts.isTaggedTemplateExpression(called) && isTest(called.tag);
}

/** The numbers of the rules that a title names, one by one, in a list, or from one to another. */
export function rulesIn(title: string): string[] {
  return [...title.matchAll(/\brules? (\d\.\d+(?:(?:, | and | to )\d\.\d+)*)/g)].flatMap(([, list]) => {
    const [from, to] = list!.split(' to ');
    if (to === undefined) return list!.match(/\d\.\d+/g)!;
    const [section, first] = from!.split('.') as [string, string];
    const last = Number(to.split('.')[1]);
    return Array.from({ length: last - Number(first) + 1 }, (_, at) => `${section}.${Number(first) + at}`);
  });
}
