import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder';
import { LocalImage, LocalImages } from '../../../local/docker/local-images';
import { writeLayout } from '../../../local/images/layout';
import { zooImage } from '../../../local/images/zoo/zoo';

const folder = temporaryFolder();

async function madeUp(): Promise<{ images: LocalImages; image: LocalImage }> {
  const layout = join(folder(), 'image');
  const { descriptor } = await zooImage('scratch');
  await writeLayout(layout, await zooImage('scratch'));
  return { images: new LocalImages(join(folder(), 'state')), image: { layout, descriptor } };
}

test('an image is found by each of its names', async () => {
  const { images, image } = await madeUp();
  await images.keep('cdkasset-a', image);
  await images.keep('127.0.0.1:5000/team/app:v1', await images.find('cdkasset-a'));

  expect(await images.find('127.0.0.1:5000/team/app:v1')).toMatchObject(image);
  expect(await images.names()).toEqual(['127.0.0.1:5000/team/app:v1', 'cdkasset-a:latest']);
});

test('a name without a tag is the tag latest', async () => {
  const { images, image } = await madeUp();
  await images.keep('127.0.0.1:5000/app', image);

  expect(await images.find('127.0.0.1:5000/app:latest')).toMatchObject(image);
});

test('a name given again means the newer image', async () => {
  const { images, image } = await madeUp();
  await images.keep('a', { ...image, layout: 'nowhere' });
  await images.keep('a', image);

  expect(await images.find('a')).toMatchObject(image);
});

test('there is no image before the first one', async () => {
  const { images } = await madeUp();

  expect(await images.names()).toEqual([]);
  await expect(images.find('a')).rejects.toThrow('no such image: a; build or tag it first');
});

test('an image goes with its layout', async () => {
  const { images, image } = await madeUp();
  await images.keep('a', image);
  rmSync(image.layout, { recursive: true });

  expect(await images.names()).toEqual([]);
  await expect(images.find('a')).rejects.toThrow('no such image: a');
});
