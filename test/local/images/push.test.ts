import { MemoryRegistry, serveMemoryRegistry } from './memory-registry';
import { attestationOf } from '../../../local/images/artifact';
import { Content } from '../../../local/images/content';
import { buildImage, packLayer } from '../../../local/images/image';
import { buildIndex } from '../../../local/images/image-index';
import { Layer } from '../../../local/images/layer';
import { pushImage } from '../../../local/images/push';

let registry: MemoryRegistry;
let image: Content;

beforeEach(async () => {
  registry = await serveMemoryRegistry();
  image = await buildImage({ layers: [new Layer().file('a', 'a')] });
});
afterEach(() => registry.stop());

test('an image is pushed under its tag, its blobs first', async () => {
  const digest = await pushImage({ base: registry.url }, 'team/app', 'v1', image);

  expect(digest).toBe(image.descriptor.digest);
  expect(registry.manifests.get('v1')?.bytes.equals(image.bytes)).toBe(true);
  expect([...registry.blobs.keys()]).toEqual(image.blobs.map(blob => blob.descriptor.digest));
  expect(registry.requests.at(-1)).toBe('PUT /v2/team/app/manifests/v1');
});

test('an image without a tag is pushed under its digest', async () => {
  await pushImage({ base: registry.url }, 'team/app', undefined, image);

  expect([...registry.manifests.keys()]).toEqual([image.descriptor.digest]);
});

test('children are pushed before their index', async () => {
  const index = buildIndex([image, attestationOf(image)]);
  await pushImage({ base: registry.url }, 'team/app', 'v1', index);

  expect([...registry.manifests.keys()]).toEqual([
    ...index.children.map(child => child.descriptor.digest),
    'v1',
  ]);
  expect(registry.manifests.get('v1')?.mediaType).toBe('application/vnd.oci.image.index.v1+json');
});

test('a blob that the registry has is not uploaded again', async () => {
  await pushImage({ base: registry.url }, 'team/app', 'v1', image);
  const before = registry.requests.length;
  await pushImage({ base: registry.url }, 'team/app', 'v1', image);

  expect(registry.requests.slice(before).filter(request => request.startsWith('POST'))).toEqual([]);
});

test('a withheld blob is named, but never uploaded', async () => {
  const missing = await buildImage({
    layers: [{ ...(await packLayer(new Layer().file('b', 'b'))), withheld: true }],
  });
  await pushImage({ base: registry.url }, 'team/app', 'v1', missing);

  expect([...registry.blobs.keys()]).toEqual([missing.blobs[0].descriptor.digest]);
});

test('fails with the words of the registry', async () => {
  const refusing = await serveMemoryRegistry({ refuse: '/manifests/' });

  await expect(pushImage({ base: refusing.url }, 'team/app', 'v1', image)).rejects.toThrow(
    /PUT .*\/v2\/team\/app\/manifests\/v1 answered 403: DENIED/,
  );
  refusing.stop();
});
