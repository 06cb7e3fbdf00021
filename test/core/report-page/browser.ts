import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import AxeBuilder from '@axe-core/playwright';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { ensureChromium } from '../../../local/tools/chromium';

export interface Opened {
  readonly page: Page;
  /** What the page did that it must not do: errors, dialogs, requests, violations of its policy. */
  readonly misdeeds: string[];
}

/** A real browser, for pages as people open them: from a file. */
export class TestBrowser {
  public static async start(): Promise<TestBrowser> {
    return new TestBrowser(await chromium.launch({ executablePath: await ensureChromium() }));
  }

  private readonly folder = mkdtempSync(join(tmpdir(), 'report-page-'));

  private constructor(private readonly browser: Browser) {}

  public async open(html: string, options: BrowserContextOptions = {}): Promise<Opened> {
    const file = join(this.folder, 'page.html');
    writeFileSync(file, html);
    const address = pathToFileURL(file).href;
    const context = await this.browser.newContext(options);
    const page = await context.newPage();
    const misdeeds: string[] = [];
    // a violation of the content security policy is an error on the console
    page.on('console', message => misdeeds.push(`console: ${message.text()}`));
    page.on('pageerror', error => misdeeds.push(`error: ${error.message}`));
    page.on('request', request => {
      if (request.url() !== address) misdeeds.push(`request: ${request.url()}`);
    });
    page.on('dialog', dialog => {
      misdeeds.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(address);
    return { page, misdeeds };
  }

  public async close(): Promise<void> {
    await this.browser.close();
    rmSync(this.folder, { recursive: true });
  }
}

/** What axe finds: each rule with the first element that breaks it. */
export async function barriers(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.html} ${nodes[0]!.failureSummary}`);
}
