import { data, html, httpsAddress, type Html } from './html';
import { Limit } from '../limits';
import { plainText } from '../text/plain-text';

/** A line of a cell, and how it looks: the name of a class of the style. */
export interface Line {
  readonly text: string;
  readonly look?: string;
  /** A link only if it is one of https. */
  readonly address?: string;
}

/** One entry of the list: its value of each filter, and its four cells. */
export interface Row {
  readonly filters: readonly string[];
  readonly cells: readonly (readonly Line[])[];
}

interface Filter {
  readonly id: string;
  readonly label: string;
  /** Those that no row has are not offered. */
  readonly values: readonly string[];
}

interface List {
  readonly title: string;
  readonly placeholder: string;
  readonly filters: readonly Filter[];
  readonly rows: readonly Row[];
}

/**
 * Rows as data: the script of the page shows those that are asked for, a hundred at a time. Nothing
 * if there are none.
 */
export function list({ title, placeholder, filters, rows: all }: List): Html {
  if (all.length === 0) return html``;
  const rows = all.slice(0, Limit.pageRows);
  return html`<section aria-labelledby="list">
    <h2 id="list">${title}</h2>
    ${
      all.length === rows.length
        ? undefined
        : html`<p>The list has the first ${rows.length}. ${all.length - rows.length} more are left out.</p>`
    }
    <p id="scriptless">The list needs JavaScript. What is above does not.</p>
    <form id="filters" class="filters" hidden>
      <label class="search"
        >Search <input id="search" type="search" autocomplete="off" placeholder="${placeholder}"
      /></label>
      ${filters.map((filter, at) => choice(filter, new Set(rows.map(row => row.filters[at]!))))}
    </form>
    <p id="count" class="quiet" role="status"></p>
    <ol id="rows" class="rows"></ol>
    <button id="more" type="button" hidden>Show 100 more</button>
    ${data('data', tableOf(rows))}
  </section>`;
}

function choice({ id, label, values }: Filter, used: ReadonlySet<string>): Html {
  return html`<label
    >${label}
    <select id="${id}">
      <option value="">any</option>
      ${values.filter(value => used.has(value)).map(value => html`<option value="${value}">${value}</option>`)}
    </select></label
  >`;
}

/** Each text once, and rows of their numbers: 10,000 findings are some 2 MB. */
function tableOf(rows: readonly Row[]): object {
  const [looks, texts] = [new Numbers(), new Numbers()];
  const lineOf = ({ text, look = '', address }: Line) => {
    const to = httpsAddress(address);
    const line = [looks.of(look), texts.of(plainText(text, Limit.textCharacters))];
    return to === undefined ? line : [...line, texts.of(to)];
  };
  const numbered = rows.map(({ filters, cells }) => [
    filters.map(value => texts.of(value)),
    cells.map(lines => lines.filter(({ text }) => text !== '').map(lineOf)),
  ]);
  return { looks: looks.all, texts: texts.all, rows: numbered };
}

/** Texts by the order in which they came. */
class Numbers {
  private readonly known = new Map<string, number>();

  public get all(): readonly string[] {
    return [...this.known.keys()];
  }

  public of(text: string): number {
    const number = this.known.get(text) ?? this.known.size;
    this.known.set(text, number);
    return number;
  }
}
