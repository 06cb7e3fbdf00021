import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stageWithoutNotices } from './stage';
import { mustRun } from '../tools/command';

const ROOT = join(__dirname, '..', '..');

/** Where jsii finds the CDK, and jsii-docgen does not look for assemblies. */
const STAGES = join(ROOT, 'node_modules', '.stages');

export type Language = 'js' | 'python' | 'java' | 'dotnet' | 'go';

/**
 * Packs what is published for a language, as `npx projen package:<language>` does, into a folder of its
 * name. test/cli/package.test.ts has the notices. Tests that run at once do not share a stage.
 */
export async function packLanguage(
  language: Language,
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
    const args = ['jsii-pacmak', '--target', language, '--outdir', folder, ...options, stage];
    await mustRun('npx', args, `see what it says of ${language}`, {
      cwd: ROOT,
      environment: { ...process.env, ...environment },
    });
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
  return join(folder, language);
}
