import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runGoTest } from './go-test';
import { writeHonestImages } from './honest-images';
import { ensureCrane } from '../../local/tools/crane';
import { ensureKo } from '../../local/tools/ko';
import { buildDatabase } from '../../local/vulnerability-database/database';
import { buildJavaDatabase } from '../../local/vulnerability-database/java-database';

/** Runtimes unpack devices, and overlayfs is mounted. */
const canUnpack = process.platform === 'linux' && process.getuid?.() === 0;

const folder = mkdtempSync(join(tmpdir(), 'differential-'));
afterAll(() => rmSync(folder, { recursive: true }));
jest.setTimeout(13 * 3_600_000);

const goTest = (pattern: string, more?: Record<string, string>) => runGoTest(folder, pattern, more);

(canUnpack ? describe : describe.skip)(
  'rule 5.9, what was scanned is what runs: what is scanned is what runs (skipped where nobody may mount overlayfs: run it as root on Linux)',
  () => {
    test('rule 5.9, what was scanned is what runs: hostile images: what Trivy lists of the normal form is what nine ways of unpacking show, or the image is refused', () =>
      goTest('TestWhatIsScannedIsWhatRuns'));

    test('every pair of formats: each blob is read in one way, or refused', () =>
      goTest('TestEveryPairOfFormats'));

    test('the user of an image is the one that Docker and containerd start, or root', () =>
      goTest('TestTheUserIsTheOneOfRuntimes'));

    test('layers as builders write them are accepted, and are what runtimes unpack', () =>
      goTest('TestLayersOfBuildersAreAccepted'));

    test('what ko builds is accepted', async () =>
      goTest('TestKoIsAccepted', {
        KO: await ensureKo(() => undefined),
        CRANE: await ensureCrane(() => undefined),
      }));

    test('honest images: Trivy finds in the normal form what it finds in the image, and what it would have overlooked there', async () => {
      const [images, cache] = [join(folder, 'honest'), join(folder, 'cache')];
      mkdirSync(images);
      await writeHonestImages(images);
      await buildDatabase(join(cache, 'db'), { updatedAt: new Date() });
      await buildJavaDatabase(join(cache, 'java-db'), { updatedAt: new Date() });
      await goTest('TestHonestImagesKeepTheirFindings', { HONEST_IMAGES: images, HONEST_CACHE: cache });
    });
  },
);
