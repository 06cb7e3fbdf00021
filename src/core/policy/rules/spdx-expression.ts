import { isSpdxId, namesOf } from './spdx-names';

/** Longer ones are free text. It also bounds how deep parentheses can go. */
const LONGEST_EXPRESSION = 1000;
/** A licence has its name at the top, and a text of megabytes must not take long. */
const READ_OF_FREE_TEXT = 2000;
const FREE_TEXT = /^(?:text|file):\/\//;
const TOKEN = /[()]|[A-Za-z0-9.:+-]+/g;
const OPERATORS = new Set(['AND', 'OR', 'WITH']);
const SEPARATORS = /[\s,;/|&()]+/;

/**
 * The forbidden licences in a text that a user of the package cannot avoid.
 *
 * In an SPDX expression (https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/) `OR` is a choice,
 * so one alternative that is not forbidden is enough, if it is made of ids that SPDX knows: "AGPL-3.0 OR
 * LATER" is no choice. With `AND` every part counts. Packages also carry free text ("GPLv2+ and LGPLv2+"),
 * which promises no choice: there every part counts.
 */
export function unavoidable(text: string, isForbidden: (license: string) => boolean): string[] {
  const refuses = (license: string) => namesOf(license).some(isForbidden);
  const refused = inExpression(text, refuses) ?? inFreeText(text, refuses);
  return [...new Set(refused)];
}

function inFreeText(whole: string, refuses: (license: string) => boolean): string[] {
  const text = whole.slice(0, READ_OF_FREE_TEXT);
  if (FREE_TEXT.test(text)) return refuses(text.replace(FREE_TEXT, '')) ? [text] : [];
  return refuses(text) ? [text] : text.split(SEPARATORS).filter(part => part !== '' && refuses(part));
}

/** A part of an expression. */
interface Part {
  readonly refused: readonly string[];
  /** Made of ids that SPDX knows. */
  readonly isSpdx: boolean;
}

/**
 * By recursive descent; `WITH` binds closest, then `AND`, then `OR`. `undefined`: it is not an expression.
 */
function inExpression(text: string, refuses: (license: string) => boolean): readonly string[] | undefined {
  if (text.length > LONGEST_EXPRESSION || text.replace(TOKEN, '').trim() !== '') return undefined;
  const tokens = text.match(TOKEN) ?? [];
  let at = 0;
  const taken = (token: string) => tokens[at] === token && ++at > 0;

  const operand = (): Part | undefined => {
    if (taken('(')) {
      const inner = alternatives();
      return taken(')') ? inner : undefined;
    }
    const name = identifier();
    if (name === undefined) return undefined;
    const exception = taken('WITH') ? (identifier() ?? '') : undefined;
    if (exception === '') return undefined;
    const license = exception === undefined ? name : `${name} WITH ${exception}`;
    return { refused: refuses(license) ? [license] : [], isSpdx: isSpdxId(name) };
  };
  const identifier = (): string | undefined => {
    const token = tokens[at];
    if (token === undefined || /[()]/.test(token) || OPERATORS.has(token)) return undefined;
    at++;
    return token;
  };
  const all = (): Part | undefined => joined('AND', operand, together);
  const alternatives = (): Part | undefined =>
    joined('OR', all, parts => parts.find(isWayOut) ?? together(parts));
  const joined = (
    operator: string,
    next: () => Part | undefined,
    join: (parts: Part[]) => Part,
  ): Part | undefined => {
    const parts: Part[] = [];
    do {
      const part = next();
      if (part === undefined) return undefined;
      parts.push(part);
    } while (taken(operator));
    return join(parts);
  };

  const whole = alternatives();
  return at === tokens.length ? whole?.refused : undefined;
}

function isWayOut({ refused, isSpdx }: Part): boolean {
  return refused.length === 0 && isSpdx;
}

function together(parts: readonly Part[]): Part {
  return { refused: parts.flatMap(({ refused }) => refused), isSpdx: parts.every(({ isSpdx }) => isSpdx) };
}
