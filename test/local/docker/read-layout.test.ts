import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder';
import { blobFile, readLayout } from '../../../local/docker/read-layout';
import { Content, json } from '../../../local/images/content';
import { writeLayout } from '../../../local/images/layout';
import { zooImage, ZooName } from '../../../local/images/zoo/zoo';

const folder = temporaryFolder();

/** What is pushed of an image: every byte under its digest. */
function bytesOf(content: Content): Record<string, string> {
  const own = [content, ...content.blobs].map(({ descriptor, bytes }) => [
    descriptor.digest,
    bytes.toString('base64'),
  ]);
  return Object.assign(Object.fromEntries(own), ...content.children.map(bytesOf));
}

test.each<ZooName>(['clean', 'attested', 'helm-chart'])(
  '%s is read byte for byte as it was written',
  async name => {
    const written = await zooImage(name);
    await writeLayout(folder(), written);

    const read = await readLayout(folder());

    expect(read.descriptor).toMatchObject({
      digest: written.descriptor.digest,
      mediaType: written.descriptor.mediaType,
      size: written.bytes.length,
    });
    expect(read.children.map(child => child.descriptor.digest)).toEqual(
      written.children.map(child => child.descriptor.digest),
    );
    expect(bytesOf(read)).toEqual(bytesOf(written));
  },
);

test('fails when a blob is not what its digest says', async () => {
  const image = await zooImage('scratch');
  await writeLayout(folder(), image);
  writeFileSync(blobFile(folder(), image.blobs[0].descriptor.digest), 'something else');

  await expect(readLayout(folder())).rejects.toThrow(
    /has 14 bytes with the digest sha256:\w{64}, expected \d+ with sha256:\w{64}; write the layout anew/,
  );
});

test('fails when a blob is missing', async () => {
  const image = await zooImage('scratch');
  await writeLayout(folder(), image);
  rmSync(blobFile(folder(), image.blobs[0].descriptor.digest));

  await expect(readLayout(folder())).rejects.toThrow(
    `no such file or directory, open '${blobFile(folder(), image.blobs[0].descriptor.digest)}'`,
  );
});

test.each([
  ['no image', { manifests: [] }, 'names 0 images, allowed: 1; write a layout of its own for each image'],
  ['no list', {}, "is not as OCI's image specification has it (manifests: "],
  [
    'a digest that leads elsewhere',
    { manifests: [{ mediaType: 'a', digest: 'sha256:../../a', size: 1 }] },
    '(manifests.0.digest: not a digest, allowed: sha256:<64 hex>)',
  ],
])('fails when there is %s', async (_, index, message) => {
  await writeLayout(folder(), await zooImage('scratch'));
  writeFileSync(join(folder(), 'index.json'), json(index));

  await expect(readLayout(folder())).rejects.toThrow(message);
});

test('fails when a manifest is of no known type', async () => {
  const {
    descriptor: { digest, size },
  } = await zooImage('scratch');
  await writeLayout(folder(), await zooImage('scratch'));
  writeFileSync(
    join(folder(), 'index.json'),
    json({ manifests: [{ mediaType: 'text/plain', digest, size }] }),
  );

  await expect(readLayout(folder())).rejects.toThrow(
    /has the media type "text\/plain", allowed: application\/vnd\.oci\.image\.index/,
  );
});
