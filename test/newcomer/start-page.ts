import { blocksOf, page, type Block } from '../docs/markdown';

const FILE = 'docs/start.md';

/** The blocks of one language of the page of the first hour, in their order. */
export function startBlocks(language: string): Block[] {
  return blocksOf({ file: FILE, text: page(FILE) }).filter(block => block.language === language);
}

/** The app of the page, and the line that lets it refuse nothing. */
export function startApp(): { readonly code: string; readonly audit: string } {
  const [{ code }] = startBlocks('ts') as [Block];
  const audit = code.split('\n').find(line => line.includes('Enforcement.audit()'))!;
  return { code, audit };
}
