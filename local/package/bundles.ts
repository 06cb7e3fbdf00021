import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type BuildOptions, type BuildResult } from 'esbuild';

/** A bundle of JavaScript that is in the package, and the command that made it. */
interface Bundle {
  readonly file: string;
  readonly args: readonly string[];
}

interface Task {
  readonly steps?: readonly { readonly execArgs?: readonly string[] }[];
}

/** Of the handlers and of the command line, as `npx projen bundle` makes them. */
export function bundles(root: string): Bundle[] {
  const { tasks } = JSON.parse(readFileSync(join(root, '.projen', 'tasks.json'), 'utf8')) as {
    tasks: Record<string, Task>;
  };
  return Object.values(tasks)
    .flatMap(({ steps = [] }) => steps.map(({ execArgs = [] }) => execArgs))
    .filter(([program]) => program === 'esbuild')
    .map(([, ...args]) => ({ file: valueOf(args, 'outfile')!, args }));
}

/** Every file that a bundle was made from. Fails if the bundle that is there was made from others. */
export async function inputsOf(root: string, { file, args }: Bundle): Promise<string[]> {
  const options: BuildOptions = {
    absWorkingDir: root,
    entryPoints: args.filter(arg => !arg.startsWith('--')),
    bundle: true,
    platform: 'node',
    target: valueOf(args, 'target'),
    tsconfig: valueOf(args, 'tsconfig'),
    mainFields: valueOf(args, 'main-fields')?.split(','),
    external: args.flatMap(arg => (arg.startsWith('--external:') ? [arg.slice('--external:'.length)] : [])),
    minify: args.includes('--minify'),
    outfile: file,
    write: false,
    metafile: true,
    logLevel: 'error',
  };
  const made: BuildResult<{ write: false; metafile: true }> = await build({
    ...options,
    write: false,
    metafile: true,
  });
  const [output] = made.outputFiles;
  if (!readFileSync(join(root, file)).equals(Buffer.from(output!.contents))) {
    throw new Error(`${file} is not what its sources give; run npx projen bundle`);
  }
  return Object.keys(made.metafile.inputs);
}

function valueOf(args: readonly string[], name: string): string | undefined {
  return args.find(arg => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
}
