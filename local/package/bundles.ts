import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build, type BuildOptions } from 'esbuild';

interface Task {
  readonly steps?: readonly { readonly execArgs?: readonly string[] }[];
}

/** The arguments with which `npx projen bundle` runs esbuild: for all handlers, and for the command line. */
export function bundlings(root: string): (readonly string[])[] {
  const { tasks } = JSON.parse(readFileSync(join(root, '.projen', 'tasks.json'), 'utf8')) as {
    tasks: Record<string, Task>;
  };
  return Object.values(tasks)
    .flatMap(({ steps = [] }) => steps.map(({ execArgs = [] }) => execArgs))
    .filter(([program]) => program === 'esbuild')
    .map(([, ...args]) => args);
}

/** Every file that bundles were made from. Fails if a bundle that is there was made from others. */
export async function inputsOf(root: string, args: readonly string[]): Promise<string[]> {
  const options: BuildOptions & { readonly write: false; readonly metafile: true } = {
    absWorkingDir: root,
    entryPoints: args.filter(arg => !arg.startsWith('--')),
    bundle: true,
    platform: 'node',
    target: valueOf(args, 'target'),
    tsconfig: valueOf(args, 'tsconfig'),
    mainFields: valueOf(args, 'main-fields')?.split(','),
    external: args.flatMap(arg => (arg.startsWith('--external:') ? [arg.slice('--external:'.length)] : [])),
    minify: args.includes('--minify'),
    outfile: valueOf(args, 'outfile'),
    outdir: valueOf(args, 'outdir'),
    outbase: valueOf(args, 'outbase'),
    entryNames: valueOf(args, 'entry-names'),
    write: false,
    metafile: true,
    logLevel: 'error',
  };
  const { outputFiles, metafile } = await build(options);
  for (const { path, contents } of outputFiles) {
    if (!readFileSync(path).equals(Buffer.from(contents))) {
      throw new Error(`${relative(root, path)} is not what its sources give; run npx projen bundle`);
    }
  }
  return Object.keys(metafile.inputs);
}

function valueOf(args: readonly string[], name: string): string | undefined {
  return args.find(arg => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
}
