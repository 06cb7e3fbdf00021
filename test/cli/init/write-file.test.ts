import { execFileSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { init, newFolder } from './generated';

const BASES = [
  '--language',
  'go',
  '--base',
  `base:1@sha256:${'ab'.repeat(32)}`,
  '--build-base',
  `base:1@sha256:${'ab'.repeat(32)}`,
];
let folder: string;
let outside: string;

beforeEach(() => {
  folder = newFolder();
  outside = newFolder({ secret: 'theirs' });
});

describe.each([
  ['without --force', []],
  ['with --force', ['--force']],
] as const)(
  "%s, a link that a stranger's repository has in place of a file is not written through",
  (_, flags) => {
    test.each([
      ['gitlab', '.gitlab-ci.yml', ['gitlab']],
      ['codepipeline', 'buildspec.yml', ['codepipeline']],
      ['dockerfile', 'Dockerfile', ['dockerfile', ...BASES]],
      ['dockerfile', '.dockerignore', ['dockerfile', ...BASES]],
    ])('init %s: %s', async (__, file, args) => {
      for (const target of [join(outside, 'secret'), join(outside, 'new'), 'nothing']) {
        const here = newFolder();
        symlinkSync(target, join(here, file));
        const { code, stderr } = await init([...args, ...flags], here);
        expect([code, stderr]).toEqual([
          64,
          `error: ${file} is a link, and nothing was written, allowed: a file, or nothing; move it away\n`,
        ]);
        expect(readdirSync(here)).toEqual([file]);
        expect(lstatSync(join(here, file)).isSymbolicLink()).toBe(true);
      }
      expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('theirs');
      expect(readdirSync(outside)).toEqual(['secret']);
    });

    test.each(['.github', '.github/workflows'])('nor one in place of the folder %s', async link => {
      mkdirSync(join(folder, link, '..'), { recursive: true });
      symlinkSync(outside, join(folder, link));
      const { code, stderr } = await init(['github', ...flags], folder);
      expect([code, stderr]).toEqual([
        64,
        `error: ${link} is a link that leads out of this folder, and nothing was written: put a folder in its place\n`,
      ]);
      expect(readdirSync(outside)).toEqual(['secret']);
    });

    test('nor one that leads nowhere yet', async () => {
      symlinkSync(join(outside, 'new'), join(folder, '.github'));
      expect((await init(['github', ...flags], folder)).code).toBe(64);
      expect(readdirSync(outside)).toEqual(['secret']);
    });

    test('nor a pipe, which has no reader', async () => {
      execFileSync('mkfifo', [join(folder, 'buildspec.yml')]);
      expect(await init(['codepipeline', ...flags], folder)).toMatchObject({
        code: 64,
        stderr: expect.stringContaining('buildspec.yml is a device or a pipe'),
      });
    });
  },
);

test('a folder that is a link within this folder is as good as a folder', async () => {
  mkdirSync(join(folder, 'shared'));
  symlinkSync('shared', join(folder, '.github'));
  expect((await init(['github'], folder)).code).toBe(0);
  expect(existsSync(join(folder, 'shared', 'workflows', 'trusted-images.yml'))).toBe(true);
});

test('a working folder that is reached by a link is a folder', async () => {
  symlinkSync(folder, join(outside, 'here'));
  expect((await init(['github'], join(outside, 'here'))).code).toBe(0);
});

test('where a file has another name, only this one is overwritten', async () => {
  writeFileSync(join(folder, 'mine'), 'mine');
  linkSync(join(folder, 'mine'), join(folder, 'buildspec.yml'));
  expect((await init(['codepipeline', '--force'], folder)).code).toBe(0);
  expect(readFileSync(join(folder, 'mine'), 'utf8')).toBe('mine');
});
