import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeHonestImages } from './honest-images';
import { ensureCrane } from '../../local/tools/crane';
import { ensureKo } from '../../local/tools/ko';
import { NORMAL_FORM_FOLDER } from '../../local/tools/normal-form';
import { ensureTrivy } from '../../local/tools/trivy';
import { buildDatabase } from '../../local/vulnerability-database/database';
import { buildJavaDatabase } from '../../local/vulnerability-database/java-database';

const SOURCES = join(__dirname, '..', '..', 'normal-form', 'differential');
const READER = join(NORMAL_FORM_FOLDER, 'build', process.arch === 'arm64' ? 'arm64' : 'amd64', 'normal-form');
/** Runtimes unpack devices, and overlayfs is mounted. */
const canUnpack = process.platform === 'linux' && process.getuid?.() === 0;

const folder = mkdtempSync(join(tmpdir(), 'differential-'));
afterAll(() => rmSync(folder, { recursive: true }));
jest.setTimeout(13 * 3_600_000);

/**
 * The tests in Go, which link what runtimes unpack by. What they print tells the seed, and how many images
 * were accepted, refused and why.
 */
async function goTest(pattern: string, more: Record<string, string> = {}): Promise<void> {
  const env = {
    ...process.env,
    CGO_ENABLED: '0',
    GOFLAGS: '-mod=readonly',
    TRIVY: await ensureTrivy(() => undefined),
    NORMAL_FORM: READER,
    TMPDIR: folder,
    ...more,
  };
  const { status, stdout, stderr } = spawnSync(
    'go',
    ['test', '-count=1', '-v', '-timeout=12h', `-run=${pattern}`, '.'],
    { cwd: SOURCES, env, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 },
  );
  const lines = stdout.split('\n').filter(line => !/^\s*(?:=== |--- PASS)/.test(line));
  process.stdout.write(`${lines.slice(-60).join('\n')}\n`);
  expect({
    status,
    failed: lines.filter(line => /--- (?:FAIL|SKIP)/.test(line)),
    stderr: stderr.slice(-2000),
  }).toMatchObject({ status: 0, failed: [] });
}

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
