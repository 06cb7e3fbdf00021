import { join } from 'node:path';
import { imagePage } from '../../src/core/report-page/image-page';
import { TestBrowser } from '../core/report-page/browser';
import { everything } from '../core/report-page/content';

const PICTURE = join(__dirname, '..', '..', 'docs', 'pictures', 'report.png');

/** `npm run docs:report`: opens a page in Chromium, and takes the picture of docs/report.md. */
async function main(): Promise<void> {
  const browser = await TestBrowser.start();
  try {
    const { page } = await browser.open(imagePage(everything()), {
      colorScheme: 'light',
      viewport: { width: 1000, height: 900 },
    });
    await page.screenshot({ path: PICTURE });
  } finally {
    await browser.close();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
