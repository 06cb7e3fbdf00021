import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { WITH_MISCONFIG, WITHOUT_MISCONFIG, Workshop, type Ended } from './workshop';
import type { ZooName } from '../../../local/images/zoo/zoo';
import { pushDatabase, pushJavaDatabase } from '../../../local/vulnerability-database/database-artifact';
import { serveMemoryRegistry } from '../../local/images/memory-registry';

let shop: Workshop;
beforeAll(async () => {
  shop = await Workshop.open();
}, 600_000);
afterAll(() => shop.close());
jest.setTimeout(120_000);

/** What Trivy takes for downloaded checks: none, so that none of its own is asked. */
function plantChecks(cache: string): void {
  mkdirSync(join(cache, 'policy', 'content'), { recursive: true });
  writeFileSync(join(cache, 'policy', 'content', '.manifest'), '{"roots":[""]}');
  writeFileSync(
    join(cache, 'policy', 'metadata.json'),
    JSON.stringify({
      Digest: `sha256:${'a'.repeat(64)}`,
      MajorVersion: 2,
      DownloadedAt: new Date().toISOString(),
    }),
  );
}

const MISCONFIGURATIONS =
  'version: 1\npolicy: { name: strict, rules: [{ rule: misconfigurations, severities: [CRITICAL, HIGH, MEDIUM, LOW] }] }\n';

test('the folder of the databases has no checks that are asked instead of those that Trivy has built in', async () => {
  const planted = await Workshop.open();
  plantChecks(planted.cache);
  const ended = await shop.scan([
    await shop.layout('root'),
    ...WITH_MISCONFIG,
    '--policy',
    shop.write('strict.yaml', MISCONFIGURATIONS),
    '--cache-dir',
    planted.cache,
  ]);
  planted.close();
  expect(ended).toMatchObject({ code: 1, err: '' });
  expect(ended.out).toContain('\nmisconfigurations: ');
});

test('a folder of databases that is a file is 2', async () => {
  const ended = await shop.scan([await shop.layout('clean'), '--cache-dir', shop.write('a-file', '')]);
  expect(ended).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringMatching(
      /^error: the cache ".*a-file" cannot be used \(ENOTDIR\), allowed: a folder .*--cache-dir\n$/,
    ),
  });
});

test('what is downloaded is kept, and is there for the second image of an index', async () => {
  const registry = await serveMemoryRegistry();
  const vulnerabilities = await pushDatabase(registry.url, join(shop.cache, 'db'));
  const java = await pushJavaDatabase(registry.url, join(shop.cache, 'java-db'));
  const from = ({ repository, tag }: typeof java) =>
    `${registry.url.replace('http://', '')}/${repository}:${tag}`;
  const cache = shop.path('to-be-filled');
  const scan = async (image: ZooName, ...more: string[]): Promise<Ended> =>
    shop.run(['scan', await shop.layout(image), '--cache-dir', cache, ...WITHOUT_MISCONFIG, ...more], {
      PATH: dirname(shop.trivy),
    });
  const mirrors = ['--db-repository', from(vulnerabilities), '--java-db-repository', from(java)];

  expect(await scan('clean-and-vulnerable', ...mirrors)).toMatchObject({ code: 1, err: '' });
  expect(await scan('log4shell', ...mirrors)).toMatchObject({ code: 1, err: '' });
  registry.stop();
  expect(readdirSync(cache).sort()).toEqual(['db', 'java-db']);
  expect(readFileSync(join(cache, 'java-db', 'trivy-java.db'))).toEqual(
    readFileSync(join(shop.cache, 'java-db', 'trivy-java.db')),
  );
  expect(await scan('log4shell', '--skip-db-update')).toMatchObject({ code: 1, err: '' });
});
