import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { runCli } from '../run-cli';

export const GIVEN = [
  '--repository',
  'team/app',
  '--region',
  'eu-west-1',
  '--push-role-arn',
  'arn:aws:iam::111122223333:role/push',
  '--deploy-role-arn',
  'arn:aws:iam::111122223333:role/deploy',
  '--stack',
  'Trust',
];

export interface Generated {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly folder: string;
}

const folders: string[] = [];
afterAll(() => folders.forEach(folder => rmSync(folder, { recursive: true, force: true })));

export function newFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'init-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** Runs `init …` in a folder. */
export async function init(args: readonly string[], folder = newFolder()): Promise<Generated> {
  const { code, out: stdout, err: stderr } = await runCli(['init', ...args], folder);
  return { code, stdout, stderr, folder };
}

/** What `init codepipeline` prints to paste, in a stack that has what it needs. */
export async function codePipelineSnippet(): Promise<string> {
  const { stdout } = await init(['codepipeline']);
  return `
import { ImageTrust, RepositorySelector } from 'cdk-trusted-images';

const trust = new ImageTrust(this, 'Trust', { repositories: [RepositorySelector.prefix('team/')] });
const { repository } = trust.addRepository('App', { repositoryName: 'team/app' });
${stdout}`;
}

export const FILES = {
  github: '.github/workflows/trusted-images.yml',
  gitlab: '.gitlab-ci.yml',
  codepipeline: 'buildspec.yml',
} as const;
export type System = keyof typeof FILES;

export interface GeneratedYaml {
  readonly path: string;
  readonly text: string;
  readonly yaml: any;
}

/** The text of the file that was written, and what it says. */
export async function fileOf(
  system: System,
  args: readonly string[] = [],
  folder?: string,
): Promise<GeneratedYaml> {
  const generated = await init([system, ...args], folder);
  if (generated.code !== 0) {
    throw new Error(`init ${system} ended with ${generated.code}: ${generated.stderr}`);
  }
  const path = join(generated.folder, FILES[system]);
  const text = readFileSync(path, 'utf8');
  return { path, text, yaml: parse(text) };
}
