import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { blocksOf, ROOT, type Block, type Page } from './markdown';

const FIXTURE = readFileSync(join(ROOT, 'rosetta', 'default.ts-fixture'), 'utf8');

/**
 * What the compiler says of each block in the fixture that jsii-rosetta gives it too, against the library's
 * source.
 */
export function problemsIn(pages: readonly Page[]): string[] {
  const blocks = new Map(
    pages
      .flatMap(blocksOf)
      .filter(({ language }) => language === 'ts')
      .map(block => [
        join(ROOT, 'test', 'docs', `${block.file.replace(/\W/g, '-')}-${block.line}.ts`),
        block,
      ]),
  );
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    esModuleInterop: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    types: ['node'],
    paths: { 'cdk-trusted-images': [join(ROOT, 'src', 'index.ts')] },
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  const sourceOf = (file: string) => (blocks.has(file) ? inFixture(blocks.get(file)!) : undefined);
  host.fileExists = file => blocks.has(file) || fileExists(file);
  host.readFile = file => sourceOf(file) ?? readFile(file);
  host.getSourceFile = (file, target, ...rest) => {
    const source = sourceOf(file);
    return source === undefined
      ? getSourceFile(file, target, ...rest)
      : ts.createSourceFile(file, source, target);
  };
  const program = ts.createProgram([...blocks.keys()], options, host);
  return [...blocks].flatMap(([file, block]) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText }) =>
        `${block.file}:${block.line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    );
  });
}

/**
 * As jsii-rosetta does it: imports and declarations go to the top of the file, the rest to where the fixture
 * says.
 */
function inFixture({ code }: Block): string {
  if (code.includes('new App()')) return code; // a whole program
  const lines = code.split('\n');
  const isTop = (line: string) => /^(?:import|declare) /.test(line);
  return [
    ...lines.filter(isTop),
    FIXTURE.replace('/// here', lines.filter(line => !isTop(line)).join('\n')),
  ].join('\n');
}
