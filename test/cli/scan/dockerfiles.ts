import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureTrivy } from '../../../local/tools/trivy';
import { newFolder } from '../init/generated';
import { runCli, type Ended } from '../run-cli';

export const MINUTES = 10 * 60_000; // for the first time, in which Trivy is built
export const DIGEST = `sha256:${'ab'.repeat(32)}`;

/** Programs that stand on PATH. */
export function programs(scripts: Readonly<Record<string, string>>): string {
  const folder = newFolder();
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

export async function trivyOnPath(): Promise<string> {
  const folder = newFolder();
  symlinkSync(await ensureTrivy(() => undefined), join(folder, 'trivy'));
  return folder;
}

export function command(args: readonly string[], folder: string, PATH = ''): Promise<Ended> {
  return runCli(args, folder, { environment: { PATH }, now: () => new Date('2026-01-02T03:04:05Z') });
}

export function check(
  folder: string,
  PATH: string,
  more: readonly string[] = [],
  file = 'Dockerfile',
): Promise<Ended> {
  return command(['scan', '--dockerfile', file, ...more], folder, PATH);
}

interface Told {
  readonly outcome: string;
  readonly findings: readonly { readonly rule: string; readonly level: string; readonly by: string }[];
}

/** The exit code, and who found what. */
export async function scan(PATH: string, text: string): Promise<{ code: number; findings: string[] }> {
  const folder = newFolder({ Dockerfile: text });
  const { code, out } = await check(folder, PATH, ['--json', '-']);
  const { findings } = JSON.parse(out) as Told;
  return { code, findings: findings.map(({ rule, level, by }) => `${by} ${level} ${rule}`) };
}
