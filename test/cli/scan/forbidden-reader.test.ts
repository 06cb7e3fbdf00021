import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readImage } from '../../../adapters/programs/image-reader';
import { runProcess } from '../../../adapters/programs/process';
import { writeLayout } from '../../../local/images/layout';
import { zooImage } from '../../../local/images/zoo/zoo';

jest.mock('../../../adapters/programs/process', () => ({
  runProcess: jest.fn(async () => ({ code: 127, stdout: '', stderr: 'spawn EACCES' })),
}));

test('where no disk lets a program run, the image is read in WebAssembly', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'forbidden-reader-'));
  const image = await zooImage('clean');
  await writeLayout(join(scratch, 'layout'), image);
  const reading = {
    digest: image.descriptor.digest,
    layout: join(scratch, 'layout'),
    out: join(scratch, 'form'),
    scratch,
    seconds: 60,
  };
  const outcome = await readImage(reading, 'linux-x64');
  rmSync(scratch, { recursive: true });
  expect(runProcess).toHaveBeenCalledTimes(1);
  expect(outcome).toMatchObject({ ok: true });
}, 120_000);
