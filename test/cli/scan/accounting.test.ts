import { createHash } from 'node:crypto';
import { WITH_MISCONFIG, Workshop } from './workshop';
import { buildImage } from '../../../local/images/image';
import { Layer } from '../../../local/images/layer';
import { writeLayout } from '../../../local/images/layout';
import { zip } from '../../../local/images/zip';
import { HARDENED, historyOf, PATCHED, supportedOs } from '../../../local/images/zoo/ingredients';

let shop: Workshop;
beforeAll(async () => {
  shop = await Workshop.open();
}, 600_000);
afterAll(() => shop.close());
jest.setTimeout(120_000);

let made = 0;

async function scan(layer: Layer, ...more: string[]) {
  const folder = shop.path(`image-${made++}`);
  const image = await buildImage({ layers: [layer], config: HARDENED, history: historyOf(1, HARDENED) });
  await writeLayout(folder, image);
  return shop.scan([folder, ...more]);
}

const MINIMIST = 'app/node_modules/minimist/package.json';
const POM = 'META-INF/maven/org.apache.logging.log4j/log4j-core/pom.properties';
const LOG4J = 'groupId=org.apache.logging.log4j\nartifactId=log4j-core\nversion=2.14.1\n';
const debianWith = (path: string, content: string | Buffer) =>
  supportedOs().with(new Layer().file(path, content));

/** A package of dpkg that lists the file, with the hash that it has. */
function owned(name: string, source: string, path: string, content: Buffer | string): Layer {
  const md5 = createHash('md5').update(content).digest('hex');
  return supportedOs([
    ...PATCHED,
    { name, version: '3.5.1-1', source, maintainer: 'Debian <packages@debian.org>' },
  ]).with(new Layer().file(path, content).file(`var/lib/dpkg/info/${name}.md5sums`, `${md5}  ${path}\n`));
}

describe('rule 5.9, what was scanned is what runs: what Trivy does not read is indeterminate', () => {
  test.each<[string, string, string | Buffer]>([
    [
      'a package.json whose devDependencies hold objects',
      MINIMIST,
      '{"name":"minimist","version":"0.0.8","devDependencies":{"a":{"b":"1"}}}',
    ],
    ['a package.json with a byte-order mark', MINIMIST, '\ufeff{"name":"minimist","version":"0.0.8"}'],
    [
      'a jar with a manifest of one long line',
      'app/app.jar',
      zip({ 'META-INF/MANIFEST.MF': `Manifest-Version: 1.0\nX: ${'x'.repeat(70_000)}\n`, [POM]: LOG4J }),
    ],
  ])('%s', async (_, path, content) => {
    const { code, out } = await scan(debianWith(path, content), '--json', '-');
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({
      outcome: 'ERROR',
      indeterminate: [{ cause: 'NOT_COVERED', detail: expect.stringContaining(path) }],
    });
  });
});

describe('rule 5.9, what was scanned is what runs: files of OS packages', () => {
  const jar = zip({ [POM]: LOG4J });
  const path = 'usr/share/acme/log4j-core.jar';

  test("of somebody else's are scanned like all others", async () => {
    const ended = await scan(owned('acme-tools', 'acme-tools', path, jar));
    expect(ended.code).toBe(1);
    expect(ended.out).toContain('CVE-2021-44228');
  });

  test("of the distribution's are left to its advisories", async () => {
    expect(await scan(owned('openssl-tools', 'openssl', path, jar))).toMatchObject({ code: 0 });
  });

  test('that were changed are scanned like all others', async () => {
    const changed = owned('openssl-tools', 'openssl', path, jar).with(
      new Layer().file('var/lib/dpkg/info/openssl-tools.md5sums', `${'0'.repeat(32)}  ${path}\n`),
    );
    expect((await scan(changed)).code).toBe(1);
  });
});

describe('rule 5.9, what was scanned is what runs: a kind that Trivy never reads', () => {
  const phar = debianWith('usr/bin/tool.phar', `<?php __HALT_COMPILER(); ?>\n${'\0'.repeat(64)}GBMB`);
  const policy = (text: string) => shop.write(`policy-${made++}.yaml`, `version: 1\npolicy: ${text}\n`);

  test('is a warning', async () => {
    const { code, out } = await scan(phar, '--json', '-');
    expect(code).toBe(0);
    expect(out).toContain('usr/bin/tool.phar');
  });

  test('is indeterminate by the strict policy, unless it is accepted', async () => {
    const strict = await scan(
      phar,
      ...WITH_MISCONFIG,
      '--json',
      '-',
      '--policy',
      policy('{ extends: strict }'),
    );
    expect(strict.code).toBe(2);
    expect(JSON.parse(strict.out)).toMatchObject({ indeterminate: [{ cause: 'NOT_COVERED' }] });
    const accepted =
      '{ path: usr/bin/tool.phar, reason: checked by hand with every release, expires: 2099-12-31 }';
    const accepting = policy(
      `{ extends: strict, without: [coverage], rules: [{ rule: coverage, unreadKinds: indeterminate, accepted: [${accepted}] }] }`,
    );
    expect(await scan(phar, ...WITH_MISCONFIG, '--policy', accepting)).toMatchObject({ code: 0 });
  });
});
