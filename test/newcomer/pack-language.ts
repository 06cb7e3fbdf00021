import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stageWithoutNotices } from '../../local/package/stage';
import { ROOT } from '../docs/markdown';

/** Where jsii finds the CDK, and jsii-docgen does not look for assemblies. */
const STAGES = join(ROOT, 'node_modules', '.stages');

/**
 * Packs what is published for a language, as `npx projen package:<language>` does, into a folder of its
 * name. test/cli/package.test.ts has the notices. Tests that run at once do not share a stage.
 */
export async function packLanguage(
  language: 'python' | 'java',
  folder: string,
  {
    options = [],
    environment = {},
  }: {
    readonly options?: readonly string[];
    readonly environment?: Readonly<Record<string, string>>;
  } = {},
): Promise<string> {
  mkdirSync(STAGES, { recursive: true });
  const stage = mkdtempSync(join(STAGES, `${language}-`));
  try {
    await stageWithoutNotices(stage);
    execFileSync('npx', ['jsii-pacmak', '--target', language, '--outdir', folder, ...options, stage], {
      cwd: ROOT,
      env: { ...process.env, ...environment },
      stdio: 'pipe',
    });
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
  return join(folder, language);
}
