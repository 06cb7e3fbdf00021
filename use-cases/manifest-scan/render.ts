import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Renderer } from './find-manifests';
import type { Caller } from '../../adapters/caller';
import { findProgram } from '../../adapters/programs/find-program';
import { runProcess } from '../../adapters/programs/process';
import { cleanEnvironment } from '../../adapters/programs/trivy-environment';
import { unclear, type ManifestFinding } from '../../src/core/manifests/finding';
import { plainText } from '../../src/core/text/plain-text';
import { Seconds } from '../../src/core/times';

/** What a program wrote. `path` is the file that a person can look at. */
export interface Rendered {
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
  readonly problems: readonly ManifestFinding[];
}

interface Source {
  readonly by: Renderer;
  readonly path: string;
}

const INSTALL: Readonly<Record<Renderer, string>> = {
  helm: 'install Helm 3 or newer; or write what it makes with "helm template", and scan that folder',
  kustomize:
    'install kubectl or kustomize; or write what it makes with "kubectl kustomize", and scan that folder',
};

/**
 * Helm and kustomize themselves write the manifests: what Trivy cannot render it leaves out without a word.
 * Into files, since what a program prints is cut.
 */
export async function render(
  { by, path }: Source,
  root: string,
  { values, scratch }: { readonly values: readonly string[]; readonly scratch: string },
  cli: Caller,
): Promise<Rendered> {
  const failed = (message: string, remedy: string): Rendered => ({
    files: [],
    problems: [unclear('not-rendered', path, 1, message, remedy)],
  });
  const out = join(scratch, 'rendered');
  await mkdir(out);
  const folder = join(root, path);
  const command = commandFor(by, { folder, out, values }, cli);
  if (command === undefined) return failed(`there is no ${by} on PATH that renders it`, INSTALL[by]);
  const [program, ...args] = command;
  const { code, stderr } = await runProcess(program, args, {
    cwd: scratch,
    environment: cleanEnvironment(cli.environment),
    seconds: Seconds.render,
  });
  if (code !== 0) {
    const lines = stderr.trim().split('\n');
    const why = lines.find(line => line.startsWith('Error')) ?? lines.at(-1)!;
    return failed(`${by} ended with ${code}: ${plainText(why, 400)}`, `correct it, until ${by} renders it`);
  }
  const written = (await readdir(out, { recursive: true, withFileTypes: true })).filter(each =>
    each.isFile(),
  );
  const files = await Promise.all(
    written.map(async ({ parentPath, name }) => ({
      path:
        by === 'helm'
          ? inChart(path, parentPath.slice(out.length + 1), name)
          : within(path, 'kustomization.yaml'),
      bytes: await readFile(join(parentPath, name)),
    })),
  );
  return files.length > 0
    ? { files, problems: [] }
    : failed(`${by} writes no manifest of it`, 'take it out of the folder');
}

type Command = readonly [program: string, ...args: string[]];

function commandFor(
  by: Renderer,
  {
    folder,
    out,
    values,
  }: { readonly folder: string; readonly out: string; readonly values: readonly string[] },
  cli: Caller,
): Command | undefined {
  const find = (name: string) => findProgram(name, cli.environment, cli);
  if (by === 'helm') {
    const helm = find('helm');
    const given = values.map(file => `--values=${file}`);
    return helm === undefined
      ? undefined
      : [helm, 'template', 'release', folder, '--include-crds', `--output-dir=${out}`, ...given];
  }
  const [kustomize, kubectl] = [find('kustomize'), find('kubectl')];
  if (kustomize !== undefined) return [kustomize, 'build', folder, `--output=${join(out, 'all.yaml')}`];
  return kubectl === undefined
    ? undefined
    : [kubectl, 'kustomize', folder, `--output=${join(out, 'all.yaml')}`];
}

/** Helm writes `<name of the chart>/templates/app.yaml`: the template of this name made it. */
function inChart(chart: string, folder: string, name: string): string {
  return within(chart, ...folder.split(/[/\\]/).slice(1), name);
}

function within(folder: string, ...names: readonly string[]): string {
  return [...(folder === '.' ? [] : [folder]), ...names].join('/');
}
