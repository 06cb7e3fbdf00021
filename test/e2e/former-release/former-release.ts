import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

/** The commit whose apps `write-former-release.ts` synthesised. */
export const COMMIT = 'da61a3de';
export const FILE = join(__dirname, `${COMMIT}.json.br`);
/** Stands for the program that scans, which is large and of today: its results have one form. */
export const PROGRAM = 'the program that scans\n';
const PROGRAM_PATH = 'amd64/normal-form';
const BUILD = join(__dirname, '..', '..', '..', 'assets', 'normal-form', 'build');

/** The content of each file, by its path. All are text. */
export type Files = Readonly<Record<string, string>>;

/**
 * What the CDK synthesised of `apps/gated-stacks` with the library of a former commit: templates, and the
 * code of its functions. Returns the folder, for `cdk deploy --app`.
 */
export function formerRelease(): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'former-release-'));
  for (const [path, content] of Object.entries(readFiles())) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    if (path.endsWith(PROGRAM_PATH)) cpSync(join(BUILD, PROGRAM_PATH), file);
    else writeFileSync(file, path.endsWith('.template.json') ? withProgram(content) : content);
  }
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}

/** The commands of a build name the program by its hash, and provenance names the commands by theirs. */
function withProgram(template: string): string {
  const program = sha256(readFileSync(join(BUILD, PROGRAM_PATH)));
  const { Resources } = JSON.parse(template) as {
    Resources: Record<string, { Type: string; Properties?: { Source?: { BuildSpec: string } } }>;
  };
  const project = Object.values(Resources).find(({ Type }) => Type === 'AWS::CodeBuild::Project');
  const commands = project?.Properties?.Source?.BuildSpec ?? '';
  const replaced = commands.replaceAll(sha256(PROGRAM), program);
  return template.replaceAll(sha256(PROGRAM), program).replaceAll(sha256(commands), sha256(replaced));
}

export function readFiles(): Files {
  return JSON.parse(brotliDecompressSync(readFileSync(FILE)).toString()) as Files;
}

export function filesOf(folder: string): Files {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    files.sort().map(file => [file.slice(folder.length + 1), readFileSync(file, 'utf8')]),
  );
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
