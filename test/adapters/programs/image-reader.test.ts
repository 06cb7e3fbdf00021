import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountFor, readerFor, readImage } from '../../../adapters/programs/image-reader';
import { writeLayout } from '../../../local/images/layout';
import { POLYGLOTS } from '../../../local/images/zoo/polyglots';
import { zooImage, type ZooName } from '../../../local/images/zoo/zoo';
import { buildDatabase } from '../../../local/vulnerability-database/database';
import { readAccounting } from '../../../src/core/scanning/accounting';
import { readerFile } from '../../../src/core/scanning/normal-form';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'image-reader-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
jest.setTimeout(120_000);

/** A machine that nobody made a program for. */
const UNKNOWN = 'plan9-mips';

async function readBy(platform: string | undefined, layout: string, digest: string) {
  const scratch = mkdtempSync(join(folder, 'scratch-'));
  const out = join(scratch, 'form');
  const outcome = await readImage({ digest, layout, out, scratch, seconds: 60 }, platform);
  const blobs = join(out, 'image', 'blobs', 'sha256');
  return {
    outcome,
    form: readFileSync(join(out, 'form.json'), 'utf8'),
    blobs: existsSync(blobs) ? readdirSync(blobs).sort() : [],
  };
}

test.each<ZooName>(['clean', 'log4shell', 'secret-deleted-later', 'broken-corrupt-layer', 'scratch'])(
  'rule 5.9, what was scanned is what runs: %s is read alike by the native program and in WebAssembly',
  async name => {
    const image = await zooImage(name);
    const layout = join(folder, name);
    await writeLayout(layout, image);
    const native = await readBy(undefined, layout, image.descriptor.digest);
    expect(await readBy(UNKNOWN, layout, image.descriptor.digest)).toEqual(native);
    expect(native.outcome.ok).toBe(name !== 'broken-corrupt-layer');
  },
);

test('what is refused natively is refused in WebAssembly, by the same words', async () => {
  const image = await POLYGLOTS['zstd-behind-tar']();
  const layout = join(folder, 'polyglot');
  await writeLayout(layout, image);
  const { outcome } = await readBy(UNKNOWN, layout, image.descriptor.digest);
  expect(outcome).toMatchObject({
    ok: false,
    error: { cause: 'UNSCANNABLE', detail: expect.stringMatching(/skippable frame/) },
  });
  expect(outcome).toEqual((await readBy(undefined, layout, image.descriptor.digest)).outcome);
});

describe('a layout of links, as Bazel writes it, is read in WebAssembly too', () => {
  test.each(['each blob', 'the folder of blobs'])('%s is a link', async what => {
    const image = await zooImage('clean');
    const files = mkdtempSync(join(folder, 'files-'));
    await writeLayout(files, image);
    const layout = mkdtempSync(join(folder, 'links-'));
    const blobs = join('blobs', 'sha256');
    if (what === 'each blob') {
      mkdirSync(join(layout, blobs), { recursive: true });
      for (const name of readdirSync(join(files, blobs))) {
        symlinkSync(join(files, blobs, name), join(layout, blobs, name));
      }
      symlinkSync('/nowhere', join(layout, blobs, 'gone'));
      symlinkSync('/dev/zero', join(layout, blobs, 'endless'));
    } else {
      symlinkSync(join(files, 'blobs'), join(layout, 'blobs'));
    }
    const read = await readBy(UNKNOWN, layout, image.descriptor.digest);
    expect(read.outcome.ok).toBe(true);
    expect(read).toEqual(await readBy(undefined, layout, image.descriptor.digest));
  });

  test('and one that leads to nothing is missing', async () => {
    const image = await zooImage('clean');
    const layout = mkdtempSync(join(folder, 'dangling-'));
    mkdirSync(join(layout, 'blobs', 'sha256'), { recursive: true });
    for (const { descriptor } of image.blobs) {
      symlinkSync('/nowhere', join(layout, 'blobs', 'sha256', descriptor.digest.replace('sha256:', '')));
    }
    expect((await readBy(UNKNOWN, layout, image.descriptor.digest)).outcome).toMatchObject({ ok: false });
  });
});

describe('rule 5.9, what was scanned is what runs: a report is matched with what the image declares', () => {
  const FILE = 'app/package.json';
  const declared = { path: FILE, kind: 'node-pkg', layer: 0, packages: [{ name: 'a', version: '1' }] };
  let databases: string;
  beforeAll(async () => {
    databases = mkdtempSync(join(folder, 'databases-'));
    await buildDatabase(databases, { updatedAt: new Date() });
  });
  const found = { Name: 'a', Version: '1', FilePath: FILE, AnalyzedBy: 'node-pkg' };

  /** As a run of Trivy leaves its folder: the cache leads to the user's. */
  async function accountedBy(
    platform: string | undefined,
    report: string,
    inventory: object | undefined,
    cache = databases,
  ) {
    const scratch = mkdtempSync(join(folder, 'account-'));
    const form = join(scratch, 'form');
    mkdirSync(form);
    if (inventory !== undefined) writeFileSync(join(form, 'inventory.json'), JSON.stringify(inventory));
    writeFileSync(join(scratch, 'report.json'), report);
    symlinkSync(cache, join(scratch, 'db'));
    const database = join(scratch, 'db');
    const { code } = await accountFor(
      { form, report: join(scratch, 'report.json'), database, scratch, seconds: 60 },
      platform,
    );
    const file = join(form, 'accounting.json');
    return { code, accounting: existsSync(file) ? readFileSync(file, 'utf8') : undefined };
  }

  const inventory = { version: 1, declarations: [declared] };
  test.each([
    [
      'in the report',
      JSON.stringify({ Results: [{ Class: 'lang-pkgs', Packages: [found] }] }),
      { accounted: 1 },
    ],
    ['not in the report', '{"Results":[]}', { accounted: 0, notCoveredCount: 1 }],
  ])('what is %s, natively and in WebAssembly', async (_, report, counts) => {
    const native = await accountedBy(undefined, report, inventory);
    expect(native.code).toBe(0);
    const read = readAccounting(native.accounting!);
    expect(read).toMatchObject({ ok: true, value: { accounting: { declared: 1, ...counts } } });
    expect(await accountedBy(UNKNOWN, report, inventory)).toEqual(native);
  });

  test('a database that cannot be read is no answer, natively and in WebAssembly', async () => {
    for (const platform of [undefined, UNKNOWN]) {
      const empty = mkdtempSync(join(folder, 'empty-'));
      expect(await accountedBy(platform, '{"Results":[]}', inventory, empty)).toEqual({ code: 1 });
      writeFileSync(join(empty, 'trivy.db'), 'no database');
      expect(await accountedBy(platform, '{"Results":[]}', inventory, empty)).toEqual({ code: 1 });
    }
  });

  test.each([
    ['inventory', '{"Results":[]}', undefined],
    ['report', '{', inventory],
  ])('without the %s there is none, natively and in WebAssembly', async (_, report, of) => {
    for (const platform of [undefined, UNKNOWN]) {
      expect(await accountedBy(platform, report, of)).toEqual({ code: 1, accounting: undefined });
    }
  });
});

test('a machine that no build runs on takes the package that npm installed for it, where there is one', () => {
  const app = join(folder, 'app');
  const own = join(app, 'node_modules', '@cdk-trusted-images', 'reader-darwin-arm64');
  expect(readerFor('darwin-arm64', join(app, 'index.js'))).toBeUndefined();
  mkdirSync(own, { recursive: true });
  copyFileSync(__filename, join(own, readerFile('darwin-arm64')));
  expect(readerFor('darwin-arm64', join(app, 'index.js'))).toBe(join(own, 'normal-form'));
  expect(readerFor(UNKNOWN, join(app, 'index.js'))).toBeUndefined();
});
