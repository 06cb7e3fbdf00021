import { sourceLines, trimStart } from './source-lines';

export interface Directives {
  /** What continues a line and quotes a character. */
  readonly escape: '\\' | '`';
  /** The frontend that reads the file, and where it is named. */
  readonly syntax?: { readonly image: string; readonly line: number };
  readonly problem?: { readonly line: number; readonly message: string };
}

const KNOWN = ['syntax', 'escape', 'check'];
const DIRECTIVE = /^([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(\S.*)$/;

/**
 * Parser directives: comments at the very top, `# name=value`, each once; the first other line ends
 * them.
 * @see https://docs.docker.com/reference/dockerfile/#parser-directives
 */
export function readDirectives(text: string): Directives {
  const lines = sourceLines(text);
  const found = directivesOf(lines, '#');
  const escape = found.get('escape');
  // Who looks for `syntax` skips a shebang, and then also reads "//" comments; who looks for `escape` does
  // neither.
  const shebang = lines[0]?.startsWith('#!') === true ? 1 : 0;
  const syntax =
    directivesOf(lines.slice(shebang), '#').get('syntax') ??
    directivesOf(lines.slice(shebang), '//').get('syntax');
  const twice = found.get('twice');
  return {
    escape: escape?.value === '`' ? '`' : '\\',
    ...(syntax !== undefined && {
      syntax: { image: syntax.value.split(' ')[0]!, line: syntax.line + shebang },
    }),
    ...(escape !== undefined &&
      escape.value !== '`' &&
      escape.value !== '\\' && {
        problem: { line: escape.line, message: 'the escape directive is neither a backslash nor a backtick' },
      }),
    ...(twice !== undefined && {
      problem: { line: twice.line, message: `the directive ${twice.value} stands there twice` },
    }),
  };
}

function directivesOf(
  lines: readonly string[],
  mark: string,
): Map<string, { readonly value: string; readonly line: number }> {
  const found = new Map<string, { value: string; line: number }>();
  for (const [index, line] of lines.entries()) {
    const start = trimStart(line);
    if (!start.startsWith(mark)) break;
    const [, name, value] = DIRECTIVE.exec(trimStart(start.slice(mark.length))) ?? [];
    const key = name?.toLowerCase() ?? '';
    if (!KNOWN.includes(key)) break;
    if (found.has(key)) return found.set('twice', { value: key, line: index + 1 });
    found.set(key, { value: value!.trimEnd(), line: index + 1 });
  }
  return found;
}
