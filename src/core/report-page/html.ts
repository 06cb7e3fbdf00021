import { plainText } from '../text/plain-text';

/** Markup that this library wrote. Texts of others enter it only through `html`, which escapes them. */
export class Html {
  /** @internal */
  constructor(public readonly markup: string) {}
}

type Value = string | number | Html | undefined | readonly Value[];

/** Longer than any text that somebody reads in a page. */
const MOST_CHARACTERS = 1_000;

/** Every value is escaped, except what `html` made itself. `undefined` is nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(parts.map((part, at) => part + (at < values.length ? markupOf(values[at]) : '')).join(''));
}

function markupOf(value: Value): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.markup;
  if (typeof value === 'object') return value.map(markupOf).join('');
  return escaped(String(value));
}

function escaped(text: string): string {
  return plainText(text, MOST_CHARACTERS).replace(/[&<>"'`]/g, character => `&#${character.charCodeAt(0)};`);
}

/** The address, if it is one of https without a login. */
export function httpsAddress(address: string | undefined): string | undefined {
  if (address === undefined || address.length > MOST_CHARACTERS || !URL.canParse(address)) return undefined;
  const { protocol, username, password, href } = new URL(address);
  return protocol === 'https:' && username === '' && password === '' ? href : undefined;
}

/** A document for the scripts of the page. No text in it can end the element that contains it. */
export function data(id: string, value: unknown): Html {
  const json = JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return new Html(`<script type="application/json" id="${id}">${json}</script>`);
}
