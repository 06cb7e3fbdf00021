/**
 * Shows the rows of the page a hundred at a time, and lets people search and filter. It writes text only,
 * never markup. It is JavaScript as a browser runs it: nothing translates it.
 */
export const LIST_SCRIPT = String.raw`
'use strict';
(() => {
  const AT_ONCE = 100;
  const byId = id => document.getElementById(id);
  const { looks, texts, rows } = JSON.parse(byId('data').textContent);
  const [list, count, more, search] = ['rows', 'count', 'more', 'search'].map(byId);
  const filters = [...document.querySelectorAll('#filters select')];
  const number = new Intl.NumberFormat('en').format;
  let searched;
  let matching = [];
  let shown = 0;

  const line = ([look, text, address]) => {
    const made = document.createElement('p');
    if (looks[look] !== '') made.className = looks[look];
    if (address !== undefined && texts[address].startsWith('https://')) {
      const link = document.createElement('a');
      link.href = texts[address];
      link.rel = 'noreferrer noopener';
      link.textContent = texts[text];
      made.append(link);
    } else {
      made.textContent = texts[text];
    }
    return made;
  };

  const item = ([, cells]) => {
    const made = document.createElement('li');
    for (const lines of cells) {
      const cell = document.createElement('div');
      cell.append(...lines.map(line));
      made.append(cell);
    }
    return made;
  };

  const showMore = () => {
    const next = matching.slice(shown, shown + AT_ONCE);
    list.append(...next.map(at => item(rows[at])));
    shown += next.length;
    const all = matching.length < rows.length ? ' that match, ' + number(rows.length) + ' in all' : '';
    count.textContent =
      matching.length === 0 ? 'nothing matches' : number(shown) + ' shown of ' + number(matching.length) + all;
    more.hidden = shown === matching.length;
  };

  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(word => word !== '');
    const asked = filters.map(({ value }) => value);
    searched ??= rows.map(([, cells]) => cells.flat().map(([, text]) => texts[text]).join(' ').toLowerCase());
    matching = [];
    for (let at = 0; at < rows.length; at += 1) {
      const fits = asked.every((value, column) => value === '' || texts[rows[at][0][column]] === value);
      if (fits && words.every(word => searched[at].includes(word))) matching.push(at);
    }
    list.replaceChildren();
    shown = 0;
    showMore();
  };

  search.addEventListener('input', filter);
  for (const each of filters) each.addEventListener('change', filter);
  more.addEventListener('click', () => {
    const first = shown;
    showMore();
    // who uses the keyboard goes on where the new ones begin
    const next = list.children[first];
    next.tabIndex = -1;
    next.focus();
  });
  byId('scriptless').remove();
  byId('filters').hidden = false;
  filter();
})();
`;
