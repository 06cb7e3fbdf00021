import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { CLI, Workshop } from './scan/workshop';

let shop: Workshop;
beforeAll(async () => {
  shop = await Workshop.open();
}, 600_000);
afterAll(() => shop.close());

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s is 2 with one line, and leaves neither Trivy nor a folder behind',
  async signal => {
    const image = await shop.layout('clean');
    const scratch = shop.path(`tmp-${signal}`);
    mkdirSync(scratch);
    const begun = shop.path(`begun-${signal}`);
    const trivy = shop.write(
      'slow-trivy',
      `#!/bin/sh\n[ "$1" = version ] && echo '{"Version":"0.74.0"}' && exit\necho $$ >> "${begun}"\nexec sleep 600\n`,
      0o755,
    );
    const child = spawn(process.execPath, [CLI, 'scan', image, '--trivy', trivy, '--cache-dir', shop.cache], {
      env: { PATH: '/usr/bin:/bin', TMPDIR: scratch },
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const ended = new Promise(resolve => child.on('close', resolve));
    while (!existsSync(begun)) await wait(50);
    child.kill(signal);
    expect(await ended).toBe(2);
    expect(said).toBe(`error: ${signal} came before there was an answer; run it again\n`);
    expect(readdirSync(scratch)).toEqual([]);
    const started = readFileSync(begun, 'utf8').trim().split('\n').map(Number);
    while (started.some(isAlive)) await wait(50); // until Jest's time is up
  },
);

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
