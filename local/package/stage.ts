import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { withAbsoluteLinks, type Origin } from './absolute-links';
import { PACKAGES_BESIDE } from './beside';
import { noticesOf, packagesOf } from './bundled-packages';
import { bundlings, inputsOf } from './bundles';
import { reachedFiles } from './reached-files';

const ROOT = join(__dirname, '..', '..');
export const NOTICES = 'THIRD_PARTY_LICENSES.txt';

const WHERE = `The files below assets/lambda and assets/cli contain the software below, each under its own terms. The
licences of what is linked into WebAssembly and programs stand beside them, in assets/**/LICENSES.txt, and
those of packages below node_modules in their own folders.`;

type Manifest = Record<string, unknown> & {
  readonly version: string;
  readonly repository: { readonly url: string };
  readonly bundledDependencies: readonly string[];
};

/**
 * Writes what is published into a folder, and nothing else. Every language is packed from it. `.npmignore`
 * says which files of the repository are in it; they have to be bundled and compiled. Returns the files that
 * the bundles were made from.
 */
export async function stagePackage(stage: string): Promise<readonly string[]> {
  const inputs = (await Promise.all(bundlings(ROOT).map(args => inputsOf(ROOT, args)))).flat();
  await stageWithoutNotices(stage);
  writeFileSync(join(stage, NOTICES), noticesOf(packagesOf(ROOT, inputs), WHERE));
  return inputs;
}

/** For whoever only runs the package: notices take bundling everything again. */
export async function stageWithoutNotices(stage: string): Promise<void> {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;
  const origin = { version: manifest.version, repository: manifest.repository.url.replace(/\.git$/, '') };
  const reached = await reachedFiles(ROOT, manifest.bundledDependencies);
  rmSync(stage, { recursive: true, force: true });
  for (const file of [...listedFiles(), ...reached]) {
    mkdirSync(dirname(join(stage, file)), { recursive: true });
    cpSync(join(ROOT, file), join(stage, file));
    const changed = CHANGES.find(({ of }) => of.test(file));
    if (changed !== undefined) {
      writeFileSync(join(stage, file), changed.to(readFileSync(join(ROOT, file), 'utf8'), origin));
    }
  }
}

/** By `.npmignore`. The files of dependencies are chosen one by one. */
function listedFiles(): string[] {
  const outline = mkdtempSync(join(tmpdir(), 'outline-'));
  try {
    copyOutline(outline);
    const listed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: outline,
      encoding: 'utf8',
      stdio: 'pipe',
      maxBuffer: 64 * 1024 * 1024,
    });
    const [packed] = JSON.parse(listed) as { files: { path: string }[] }[];
    return packed!.files.map(({ path }) => path);
  } finally {
    rmSync(outline, { recursive: true, force: true });
  }
}

/** npm decides by names, but compresses all that it lists: of most files it gets none of the content. */
function copyOutline(to: string, from = ROOT): void {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory() && !NEVER_PACKED.has(source)) {
      mkdirSync(target);
      copyOutline(target, source);
    } else if (entry.isFile()) {
      if (DECIDES.test(entry.name)) cpSync(source, target);
      else writeFileSync(target, '');
    }
  }
}

/** The largest, and those that tests write while this reads. */
const NEVER_PACKED: ReadonlySet<string> = new Set(
  ['.git', 'dist', 'node_modules', 'test-reports'].map(name => join(ROOT, name)),
);
const DECIDES = /^(?:package\.json|\.npmignore|\.gitignore)$/;

interface Change {
  readonly of: RegExp;
  to(text: string, origin: Origin): string;
}

const CHANGES: readonly Change[] = [
  { of: /^package\.json$/, to: published },
  { of: /^[A-Z]+\.md$/, to: withAbsoluteLinks },
  { of: /^\.jsii$/, to: withReadme },
  // sources that are not in the package
  { of: /^lib\/.*\.js$/, to: text => text.replace(/^\/\/# sourceMappingURL=data:.*\n?/m, '') },
];

/** Without what only the repository needs; with the packages beside it. */
function published(text: string): string {
  const {
    scripts,
    devDependencies,
    jest,
    devEngines,
    '//': _generated,
    ...rest
  } = JSON.parse(text) as Manifest;
  const optionalDependencies = Object.fromEntries(PACKAGES_BESIDE.map(name => [name, rest.version]));
  return `${JSON.stringify({ ...rest, optionalDependencies }, undefined, 2)}\n`;
}

/** Registries of other languages show the README of the assembly. */
function withReadme(text: string, origin: Origin): string {
  const assembly = JSON.parse(text) as { readme: { markdown: string } };
  const readme = { markdown: withAbsoluteLinks(assembly.readme.markdown, origin) };
  return JSON.stringify({ ...assembly, readme }, undefined, 2);
}

if (require.main === module) {
  stagePackage(join(ROOT, 'dist', 'package')).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
