import { gzip } from '../../../local/images/gzip';
import { Layer } from '../../../local/images/layer';
import { readTarball } from '../../../local/tools/tarball';

async function pathsIn(layer: Layer): Promise<string[]> {
  return (await readTarball(gzip(await layer.tar()))).map(file => file.path);
}

test('the order in which files are added does not matter', async () => {
  const one = await new Layer().file('a', '1').directory('b').symlink('c', 'a').tar();
  const other = await new Layer().symlink('c', 'a').directory('b').file('a', '1').tar();

  expect(one.equals(other)).toBe(true);
});

test('paths are relative, as the image specification wants them', async () => {
  expect(await pathsIn(new Layer().file('/etc//os-release', 'ID=debian'))).toEqual(['etc/os-release']);
});

test('a whiteout lies beside what it deletes', async () => {
  expect(await pathsIn(new Layer().whiteout('app/.env').whiteout('token'))).toEqual([
    '.wh.token',
    'app/.wh..env',
  ]);
});

test('the files of a layer that is added win', async () => {
  const layer = new Layer().file('a', 'first').with(new Layer().file('a', 'second'));

  expect((await readTarball(gzip(await layer.tar())))[0].content.toString()).toBe('second');
});
