import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeLayout } from '../../../local/images/layout';
import { zooImage } from '../../../local/images/zoo/zoo';

test('a layout holds the index, its children and their blobs', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'layout-'));
  const index = await zooImage('attested');
  await writeLayout(folder, index, 'v1');
  const top = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as unknown;
  const digests = [index, ...index.children]
    .flatMap(content => [content, ...content.blobs])
    .map(({ descriptor }) => descriptor.digest);

  expect(top).toMatchObject({
    manifests: [
      { digest: index.descriptor.digest, annotations: { 'org.opencontainers.image.ref.name': 'v1' } },
    ],
  });
  expect(digests.filter(digest => !existsSync(join(folder, 'blobs', digest.replace(':', '/'))))).toEqual([]);
  rmSync(folder, { recursive: true });
});
