import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runGoTest } from './go-test';
import { cacheFolder } from '../../local/tools/cache-folder';
import { buildDatabase } from '../../local/vulnerability-database/database';
import { buildJavaDatabase } from '../../local/vulnerability-database/java-database';

/** The managers are asked in a root of their own. */
const mayChangeRoot = process.platform === 'linux' && process.getuid?.() === 0;

const folder = mkdtempSync(join(tmpdir(), 'accounted-'));
afterAll(() => rmSync(folder, { recursive: true }));
jest.setTimeout(13 * 3_600_000);

(mayChangeRoot ? describe : describe.skip)(
  'what is installed is accounted for (skipped where nobody may change the root: run it as root on Linux)',
  () => {
    test('rule 5.9, what was scanned is what runs: hostile images: each package that its own manager lists is in the report, or the accounting says that it is not', async () => {
      const cache = join(folder, 'cache');
      await buildDatabase(join(cache, 'db'), { updatedAt: new Date() });
      await buildJavaDatabase(join(cache, 'java-db'), { updatedAt: new Date() });
      await runGoTest(folder, 'TestEveryInstalledPackageIsAccountedFor', {
        HONEST_CACHE: cache,
        CORPUS: join(cacheFolder(), 'package-trees'),
      });
    });
  },
);
