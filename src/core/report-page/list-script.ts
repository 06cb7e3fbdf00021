/**
 * Shows the findings of the page a hundred at a time, and lets people search and filter. It writes text
 * only, never markup. It is JavaScript as a browser runs it: nothing translates it.
 */
export const LIST_SCRIPT = String.raw`
'use strict';
(() => {
  const AT_ONCE = 100;
  const byId = id => document.getElementById(id);
  const { severities, standings, types, whys, platforms, rows } = JSON.parse(byId('data').textContent);
  const [list, count, more] = [byId('findings'), byId('count'), byId('more')];
  const filters = ['severity', 'standing', 'type'].map(byId);
  const search = byId('search');
  const number = new Intl.NumberFormat('en').format;
  let texts;
  let matching = [];
  let shown = 0;

  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className !== '') made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  const item = ([severity, standing, type, id, title, name, installed, fixed, path, url, why, platform]) => {
    const made = element('li', '');
    made.append(element('div', ''), element('div', ''), element('div', ''), element('div', ''));
    const [worth, what, where, stands] = made.children;
    worth.append(element('span', 'severity ' + severities[severity], severities[severity]));
    const label = element(url === '' ? 'span' : 'a', '', id);
    if (url.startsWith('https://')) {
      label.href = url;
      label.rel = 'noreferrer noopener';
    }
    what.append(label);
    if (title !== '' && title !== id) what.append(element('p', 'quiet', title));
    if (name !== '') {
      const versions = installed + (fixed === '' ? '' : ' → ' + fixed);
      where.append(element('p', '', (name + ' ' + versions).trim()));
      if (fixed === '' && types[type] === 'vulnerability') where.append(element('p', 'quiet', 'no version fixes it yet'));
    }
    if (path !== '') where.append(element('p', 'quiet', path));
    stands.append(element('p', standings[standing] === 'refused' ? 'refused' : '', standings[standing]));
    if (whys[why] !== '') stands.append(element('p', 'quiet', whys[why]));
    if (platforms[platform] !== '') stands.append(element('p', 'quiet', platforms[platform]));
    return made;
  };

  const showMore = () => {
    const next = matching.slice(shown, shown + AT_ONCE);
    list.append(...next.map(at => item(rows[at])));
    shown += next.length;
    count.textContent =
      matching.length === 0
        ? 'nothing matches'
        : number(shown) + ' shown of ' + number(matching.length) + (matching.length < rows.length ? ' that match, ' + number(rows.length) + ' in all' : '');
    more.hidden = shown === matching.length;
  };

  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(word => word !== '');
    const asked = filters.map(({ value }) => value);
    texts ??= rows.map(([severity, standing, type, ...rest]) =>
      [severities[severity], standings[standing], types[type], ...rest.slice(0, 7), whys[rest[7]], platforms[rest[8]]]
        .join(' ')
        .toLowerCase(),
    );
    matching = [];
    for (let at = 0; at < rows.length; at += 1) {
      const fits = asked.every((value, column) => value === '' || rows[at][column] === Number(value));
      if (fits && words.every(word => texts[at].includes(word))) matching.push(at);
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
