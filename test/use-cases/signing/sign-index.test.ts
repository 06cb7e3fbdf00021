import { imageName, imageOf, sibling, type ImageName } from '../../../src/core/image/image';
import { World } from '../world';
import { storedImage } from '../world/zoo';

const PLATFORMS = ['linux-amd64', 'linux-arm64'];

let world: World;
let index: ImageName;
let children: ImageName[];

beforeEach(() => {
  world = new World();
  world.signs = true;
  index = world.has('clean-and-vulnerable', PLATFORMS);
  children = PLATFORMS.map(platform =>
    imageName(sibling(imageOf(index), storedImage(`clean-and-vulnerable.${platform}`).digest)),
  );
  for (const child of children) world.finds(child, 'clean');
});

async function push(image = index, tag?: string): Promise<void> {
  world.push(image, tag);
  await world.settle();
}

function admitted(): boolean[] {
  return [index, ...children].map(image => world.decision(image).trusted);
}

function inRegistry(): string[] {
  return [index, ...children]
    .map(image => world.signatures.by(world.signer.current, image, world.now))
    .map(({ layers, bundles }) => `${layers}+${bundles}`);
}

test('the registry gets a signature of the index, the register a statement of the index and of each of its images', async () => {
  await push(index, 'v1');
  expect(admitted()).toEqual([true, true, true]);
  expect(inRegistry()).toEqual(['1+1', '0+0', '0+0']);
  expect(children.map(child => world.row(child))).not.toContainEqual(
    expect.objectContaining({ signature: expect.anything() }),
  );
});

test('its images are signed in the registry too where that is asked for', async () => {
  world.signOptions = { manifests: 'ALL', attestations: [] };
  await push(index, 'v1');
  expect(admitted()).toEqual([true, true, true]);
  expect(inRegistry()).toEqual(['1+1', '1+1', '1+1']);
});

test('an image of it with a tag of its own is signed in the registry', async () => {
  world.push(children[1]!, 'arm');
  await push(index, 'v1');
  expect(inRegistry()).toEqual(['1+1', '0+0', '1+1']);
});

test('an image of it that gets a tag later is signed in the registry at its renewal', async () => {
  await push(index, 'v1');
  await push(children[0]!, 'amd');
  expect(inRegistry()).toEqual(['1+1', '0+0', '0+0']);
  world.pass(25);
  for (const child of children) world.ask(child, 'renewal');
  await world.settle();
  expect(inRegistry()).toEqual(['1+1', '1+1', '0+0']);
});

test('a renewal signs index and images anew in the register, and pushes nothing', async () => {
  await push(index, 'v1');
  const pushes = world.signatures.pushes.length;
  const before = [index, ...children].map(image => world.row(image).statement!.verdictId);
  world.pass(25);
  for (const child of children) world.ask(child, 'renewal');
  await world.settle();
  expect(admitted()).toEqual([true, true, true]);
  expect(
    before.filter(id => [index, ...children].some(image => world.row(image).statement!.verdictId === id)),
  ).toEqual([]);
  expect(world.signatures.pushes).toHaveLength(pushes);
});

test('one of its images fails: that one and the index are not signed, the other one is admitted, but has no signature in the registry', async () => {
  world.finds(children[1]!, 'fixable-critical');
  await push(index, 'v1');
  expect(admitted()).toEqual([false, true, false]);
  expect(inRegistry()).toEqual(['0+0', '0+0', '0+0']);
});

test('one of its images fails later: that one and the index are revoked, each told once', async () => {
  await push(index, 'v1');
  world.finds(children[1]!, 'fixable-critical');
  world.pass(25);
  world.ask(children[1]!, 'renewal');
  await world.settle();
  expect(admitted()).toEqual([false, true, false]);
  expect(
    [index, ...children].map(
      image => world.events(image).filter(({ detailType }) => detailType === 'Image Revoked').length,
    ),
  ).toEqual([1, 0, 1]);
});

test('all of its images fail later, one after the other: the index is told as revoked', async () => {
  await push(index, 'v1');
  for (const child of children) world.finds(child, 'fixable-critical');
  world.pass(25);
  for (const child of children) world.ask(child, 'renewal');
  await world.settle();
  expect(admitted()).toEqual([false, false, false]);
  expect(
    [index, ...children].map(image =>
      world.events(image).some(({ detailType }) => detailType === 'Image Revoked'),
    ),
  ).toEqual([true, true, true]);
});
