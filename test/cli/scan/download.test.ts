import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Trivy, type ReadForm } from '../../../adapters/programs/trivy';
import { failed } from '../../../src/core/result';
import { UserError } from '../../../src/core/user-error';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'download-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const REFUSED = failed({ cause: 'UNSCANNABLE', detail: 'a layer is none' } as const);

/**
 * A Trivy that downloads for ever, by a program that it starts, and writes into the folder of the scan
 * meanwhile.
 */
const ENDLESS = 'sleep 600 & echo $$ $! > "$HOME/pids"; while :; do at=$((at+1)); mkdir -p "new/$at"; done';
/** A Trivy that has downloaded the database, and does not end. */
const COMPLETE =
  'rm -r cache/db; mkdir cache/db; echo \'{"DownloadedAt":"2026-11-25T00:00:00Z"}\' > cache/db/metadata.json; echo $$ > "$HOME/pids"; exec sleep 600';

async function scan(script: string, outcome: () => ReturnType<ReadForm>) {
  const program = join(folder, 'trivy');
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  const cache = join(folder, 'cache');
  mkdirSync(cache);
  let scratch = '';
  const read: ReadForm = async (_, at) => {
    scratch = at;
    while (pids().length === 0) await wait(10);
    return outcome();
  };
  const options = {
    cache,
    scanners: ['vuln'],
    secretSearch: 'APPLICATION',
    databases: { vulnerabilities: [], java: [], kept: [] },
    seconds: 600,
  } as const;
  const ended = await new Trivy(program, { PATH: process.env.PATH, HOME: folder })
    .scan({ read, account: async () => ({ code: 0, stdout: '', stderr: '' }) }, options)
    .catch((error: unknown) => error);
  const [trivy, started] = pids();
  if (started !== undefined) process.kill(started);
  return { ended, trivy: trivy!, scratch, cache };
}

function pids(): number[] {
  const file = join(folder, 'pids');
  return existsSync(file)
    ? readFileSync(file, 'utf8')
        .split(/\s/)
        .filter(text => text !== '')
        .map(Number)
    : [];
}

test('an image that is refused waits for no download: it is ended', async () => {
  const { ended, trivy, scratch } = await scan(ENDLESS, async () => REFUSED);
  expect(ended).toEqual(REFUSED);
  expect(() => process.kill(trivy, 0)).toThrow('ESRCH');
  expect(existsSync(scratch)).toBe(false);
});

test('an image that cannot be pulled says why: the download is over before its folder goes', async () => {
  const why = new UserError('the pull ended with 401');
  const { ended, trivy, scratch } = await scan(ENDLESS, async () => {
    throw why;
  });
  expect(ended).toBe(why);
  expect(() => process.kill(trivy, 0)).toThrow('ESRCH');
  expect(existsSync(scratch)).toBe(false);
});

test('what was downloaded is kept, also where the image is refused', async () => {
  const { ended, cache } = await scan(COMPLETE, async () => REFUSED);
  expect(ended).toEqual(REFUSED);
  expect(existsSync(join(cache, 'db', 'metadata.json'))).toBe(true);
});
