import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

export const ROOT = join(__dirname, '..', '..');

export interface Page {
  /** Relative to the repository. */
  readonly file: string;
  readonly text: string;
}

export interface Block {
  readonly file: string;
  readonly line: number;
  readonly language: string;
  readonly code: string;
}

/** Everything that people read and nobody generates. */
export const PAGES: readonly Page[] = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'],
  ...markdownIn('docs'),
  ...markdownIn('decisions'),
].map(file => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }));

export function page(file: string): string {
  return PAGES.find(each => each.file === file)!.text;
}

function markdownIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.md'))
    .map(file => join(folder, file))
    .sort();
}

/** Fenced blocks, with the line at which their code begins. */
export function blocksOf({ file, text }: Page): Block[] {
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(({ index, 1: language, 2: code }) => ({
    file,
    language: language!,
    code: code!,
    line: text.slice(0, index).split('\n').length + 1,
  }));
}

/**
 * Where a page's links lead, relative to the repository; links to the web and within the page are left out.
 */
export function linksOf({ file, text }: Page): { readonly target: string; readonly anchor?: string }[] {
  const prose = text.replace(/^```.*?^```$/gms, '').replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link!)
    .filter(link => !/^(?:https?|mailto):/.test(link))
    .map(link => {
      const [path, anchor] = link.split('#');
      return {
        target: path === '' ? file : relative(ROOT, join(ROOT, dirname(file), path!)),
        ...(anchor !== undefined && { anchor }),
      };
    });
}

/** The anchors that GitHub gives headings. */
export function anchorsOf(text: string): string[] {
  const prose = text.replace(/^```.*?^```$/gms, ''); // a comment of a shell is no heading
  return [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-'),
  );
}

/** The cells of every table row whose first cell is code, by that cell. */
export function rowsOf(text: string): Map<string, string[]> {
  const rows = [...text.matchAll(/^\| `([^`]+)` \|(.+)\|$/gm)];
  return new Map(rows.map(([, key, rest]) => [key!, rest!.split(' | ').map(cell => cell.trim())]));
}
