import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stagePackage } from '../../local/package/stage';
import { ROOT } from '../docs/markdown';

/** Where jsii finds the CDK, and jsii-docgen does not look for assemblies. */
const STAGES = join(ROOT, 'node_modules', '.stages');

/**
 * Packs what is published for a language, as `npx projen package:<language>` does, into a folder of its
 * name. Tests that run at once do not share a stage.
 */
export async function packLanguage(
  language: 'python' | 'java',
  folder: string,
  options: readonly string[] = [],
): Promise<string> {
  mkdirSync(STAGES, { recursive: true });
  const stage = mkdtempSync(join(STAGES, `${language}-`));
  try {
    await stagePackage(stage);
    execFileSync('npx', ['jsii-pacmak', '--target', language, '--outdir', folder, ...options, stage], {
      cwd: ROOT,
      stdio: 'pipe',
    });
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
  return join(folder, language);
}
