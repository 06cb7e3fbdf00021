import { hash } from 'node:crypto';
import * as fc from 'fast-check';
import { fleet, saying } from './content';
import { fleetPage } from '../../../src/core/report-page/fleet-page';
import { imagePage } from '../../../src/core/report-page/image-page';
import { HOSTILE } from '../support/hostile';

const MARKUP = [
  '</script><script>alert(1)</script>',
  '</style><img src=x onerror=alert(1)>',
  '<!--<script>',
  ']]><svg onload=alert(1)>',
  '" onmouseover="alert(1)',
  "' autofocus onfocus='alert(1)",
  '`${alert(1)}`',
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)//https://example.com',
  'data:text/html,<script>alert(1)</script>',
  'https://user:password@example.com/',
  'https://example.com/"><script>alert(1)</script>',
  'http://example.com/',
  '//example.com',
  '\u2028</script>\u2029',
  '&#60;script&#62;alert(1)&#60;/script&#62;',
];
const ELEMENTS =
  'html|head|meta|title|style|body|header|main|footer|section|h1|h2|p|ul|ol|li|dl|dt|dd|div|br|strong|span|time|a|table|thead|tbody|tr|th|td|details|summary|form|label|input|select|option|button|script';
const ATTRIBUTES =
  'lang|charset|http-equiv|content|name|class|id|href|rel|datetime|tabindex|role|aria-labelledby|aria-label|scope|start|for|type|autocomplete|placeholder|hidden|value';
const TAG = new RegExp(
  `^<(?:!doctype html|/?(?:${ELEMENTS})(?:\\s+(?:${ATTRIBUTES})(?:="[^"<>]*")?)*\\s*/?)>`,
);
// eslint-disable-next-line no-control-regex
const UNSEEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

/** What a parser of HTML could take for markup is what this library wrote, whatever the text. */
function expectOnlyOurMarkup(page: string): void {
  const rest = page
    .replace(/<style>[^<]*<\/style>/, '')
    .replace(/(<script type="application\/json" id="data">)[^<>&]*(<\/script>)/, '$1$2')
    .replace(/<script>\n'use strict';[^]*?<\/script>\s*<\/body>/, '</body>');
  const strange = [...rest.matchAll(/<[^<]*/g)].map(([tag]) => tag).filter(tag => !TAG.test(tag));
  expect(strange).toEqual([]);
  expect(page.match(/<script\b/gi)).toHaveLength(2);
  expect(page.match(/<\/script\b/gi)).toHaveLength(2);
  for (const address of addressesIn(page)) {
    const { protocol, username, password } = new URL(address);
    expect([protocol, username, password]).toEqual(['https:', '', '']);
  }
  expect(page).not.toMatch(UNSEEN);
  expect(page.split('\n').every(line => line.trim().length < 30_000)).toBe(true);
}

/** Where the links lead that the script of the page makes. */
function addressesIn(page: string): string[] {
  const [, json] = /id="data">([^<]*)</.exec(page)!;
  const { texts, rows } = JSON.parse(json!) as { texts: string[]; rows: [number[], number[][][]][] };
  return rows.flatMap(([, cells]) => cells.flat().flatMap(([, , address]) => texts[address!] ?? []));
}

describe('rule 5.5, untrusted text: no text becomes markup', () => {
  test('the addresses of websites are links', () => {
    expect(addressesIn(imagePage(saying('https://example.com/a')))).toHaveLength(5);
  });

  test.each([...HOSTILE, ...MARKUP])('%j', text => {
    expectOnlyOurMarkup(imagePage(saying(text)));
    expectOnlyOurMarkup(fleetPage(fleet(text)));
  });

  test('whatever the text', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.array(fc.constantFrom(...MARKUP, ...'<>"\'&/=`\\\u0000\u202e')).map(parts => parts.join('')),
    );
    fc.assert(
      fc.property(texts, text => {
        expectOnlyOurMarkup(imagePage(saying(text)));
        expectOnlyOurMarkup(fleetPage(fleet(text)));
      }),
      { numRuns: 200 },
    );
  });

  test('a text of a megabyte is cut, wherever it is', () => {
    expect(imagePage(saying('x'.repeat(1_000_000))).length).toBeLessThan(100_000);
  });
});

test('the policy of the page names the hashes of its only style and its only script, and allows nothing else', () => {
  const page = imagePage(saying('text'));
  const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)!;
  const [, style] = /<style>([^]*?)<\/style>/.exec(page)!;
  const [, script] = /<script>([^]*?)<\/script>/.exec(page)!;
  expect(policy!.split('; ')).toEqual([
    "default-src 'none'",
    `style-src 'sha256-${hash('sha256', style!, 'base64')}'`,
    `script-src 'sha256-${hash('sha256', script!, 'base64')}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
  ]);
  expect(page).not.toMatch(/\sstyle=|\son[a-z]+=|<link|<img|<iframe|@import|url\(/);
});
