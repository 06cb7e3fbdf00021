import { barriers, TestBrowser } from './browser';
import { contentOf, everything, fleet, indeterminate, many, saying } from './content';
import { whyNoChromium } from '../../../local/tools/chromium';
import { fleetPage } from '../../../src/core/report-page/fleet-page';
import { imagePage } from '../../../src/core/report-page/image-page';
import { HOSTILE } from '../support/hostile';

const missing = whyNoChromium();
jest.setTimeout(180_000); // a browser on a busy machine
const PAGES = {
  'a FAIL with waivers, deadlines and two platforms': () => imagePage(everything()),
  'a PASS': () => imagePage(contentOf('unfixed-only')),
  'no verdict': () => imagePage(indeterminate()),
  'all images': () => fleetPage(fleet()),
};

/** A text: what runs in the page knows other names than what runs here. */
const SEEN = `({
  scripts: document.scripts.length,
  strange: document.querySelectorAll('img, svg, iframe, object, embed, link, base, style ~ style').length,
  handlers: [...document.querySelectorAll('*')].flatMap(({ attributes }) =>
    [...attributes].map(({ name }) => name).filter(name => name.startsWith('on')),
  ),
  otherLinks: [...document.links].map(({ href }) => href).filter(href => !href.startsWith('https://')),
  findings: document.querySelectorAll('#rows > li').length,
})`;

let browser: TestBrowser;

(missing === undefined ? describe : describe.skip)(
  `in Chromium${missing === undefined ? '' : ` (not run: ${missing})`}`,
  () => {
    beforeAll(async () => {
      browser = await TestBrowser.start();
    });
    afterAll(() => browser?.close());

    describe.each(['light', 'dark'] as const)('%s', colorScheme => {
      test.each(Object.entries(PAGES))(
        '%s: axe finds nothing, and the page loads nothing and keeps to its policy',
        async (_, html) => {
          const { page, misdeeds } = await browser.open(html(), { colorScheme });
          await page.evaluate('document.querySelectorAll("details").forEach(each => (each.open = true))');
          expect(await barriers(page)).toEqual([]);
          expect(misdeeds).toEqual([]);
        },
      );
    });

    test('the policy of the page lets no style, script or image through', async () => {
      const { misdeeds } = await browser.open(
        imagePage(contentOf('clean')).replace(
          '</body>',
          '<p style="color: red">a</p><script>alert(1)</script><img src="https://example.com/x.png"></body>',
        ),
      );
      expect(misdeeds.filter(each => each.startsWith('console'))).toEqual([
        expect.stringMatching(/inline style violates/),
        expect.stringMatching(/inline script violates/),
        expect.stringMatching(/example\.com\/x\.png' violates/),
      ]);
    });

    test('search and filters show what matches, a hundred at a time, and the keyboard goes on where new ones begin', async () => {
      const { page, misdeeds } = await browser.open(imagePage(many(10_000)));
      const items = page.locator('#rows > li');
      const count = page.locator('#count');
      await expectTexts(count, '100 shown of 10,000');
      // nothing of the 10,000 is there before it is asked for
      expect(await page.locator('*').count()).toBeLessThan(5_000);

      await page.getByRole('button', { name: 'Show 100 more' }).click();
      expect(await items.count()).toBe(200);
      expect(await page.locator('#rows > li:nth-child(101):focus').count()).toBe(1);

      await page.getByLabel('Search').fill('cve-2026-1777 critical');
      await expectTexts(count, '1 shown of 1 that match, 10,000 in all');
      expect(await items.first().textContent()).toContain('CVE-2026-17770');
      expect(await page.getByRole('button', { name: 'Show 100 more' }).isHidden()).toBe(true);

      await page.getByLabel('Search').fill('');
      await page.getByRole('combobox', { name: 'Severity' }).selectOption('LOW');
      await expectTexts(count, '100 shown of 3,000 that match, 10,000 in all');
      await page.getByRole('combobox', { name: 'Verdict' }).selectOption('refused');
      await expectTexts(count, 'nothing matches');
      await page.getByRole('combobox', { name: 'Severity' }).selectOption('any');
      await expectTexts(count, '100 shown of 1,000 that match, 10,000 in all');
      expect(await items.first().locator('.severity').textContent()).toBe('CRITICAL');
      expect(misdeeds).toEqual([]);
    });

    test('rule 5.5, untrusted text: no text runs, becomes an element, or leads anywhere but to websites', async () => {
      const hostile = [
        ...HOSTILE,
        '</script><script>alert(1)</script>',
        '<img src=x onerror=alert(1)>',
        '" onmouseover="alert(1)" autofocus onfocus="alert(1)',
        'javascript:alert(1)',
      ];
      for (const text of hostile) {
        const { page, misdeeds } = await browser.open(imagePage(saying(text)));
        expect(await page.evaluate(SEEN)).toEqual({
          scripts: 2,
          strange: 0,
          handlers: [],
          otherLinks: [],
          findings: 5,
        });
        expect(misdeeds).toEqual([]);
        await page.context().close();
      }
    });

    test('a phone needs no scrolling to the side, paper has no controls, and without JavaScript all but the list is there', async () => {
      const html = imagePage(everything());
      const { page } = await browser.open(html, { viewport: { width: 320, height: 600 } });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);

      await page.emulateMedia({ media: 'print' });
      expect(await page.getByLabel('Search').isHidden()).toBe(true);
      expect(await page.locator('#rows > li').first().isVisible()).toBe(true);

      const plain = await browser.open(html, { javaScriptEnabled: false });
      expect(await plain.page.getByText('The list needs JavaScript').isVisible()).toBe(true);
      expect(await plain.page.getByRole('heading', { name: 'What to do first' }).isVisible()).toBe(true);
      expect(await plain.page.getByLabel('Search').isHidden()).toBe(true);
    });
  },
);

async function expectTexts(locator: { textContent(): Promise<string | null> }, text: string): Promise<void> {
  expect(await locator.textContent()).toBe(text);
}
