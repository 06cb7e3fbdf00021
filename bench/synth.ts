import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { buildSync } from 'esbuild';
import { Figure, median, milliseconds, ratio, repeat } from './figure';
import { STANDARD_IN_REGO } from './standard-in-rego';
import { mustRun } from '../local/tools/command';
import { ImageTrust, RepositorySelector } from '../src';

const ROOT = join(__dirname, '..');
const PROCESSES = 9;

export async function synthFigures(): Promise<Figure[]> {
  const few = resources(1);
  const times = await repeat(5, () => milliseconds(() => resources(50)));
  return [
    {
      name: 'cfn_resources_per_extra_repository',
      value: (resources(11) - few) / 10,
      unit: 'resources',
      against: 'ImageTrust with 11 repositories and with 1; aim 1',
    },
    {
      name: 'synth_50_repositories_ms',
      value: Math.round(median(times)),
      unit: 'ms',
      against: `one synthesis with 50 repositories (${few} resources with 1)`,
    },
    ...(await processFigures()),
    await regoFigure(),
  ];
}

/** In separate processes, from their start to their end: Node waits for what V8 still compiles. */
async function regoFigure(): Promise<Figure> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-synth-'));
  const file = join(folder, 'standard.rego');
  writeFileSync(file, STANDARD_IN_REGO);
  const synthesis = (...args: string[]) =>
    milliseconds(() =>
      mustRun(
        join(__dirname, '..', 'node_modules', '.bin', 'tsx'),
        [join(__dirname, 'synth-rego.ts'), join(folder, 'cdk.out'), ...args],
        'build the engine: `npx projen build:go`',
      ),
    );
  try {
    return {
      name: 'synth_rego_over_no_rego',
      value: await ratio(
        5,
        () => synthesis(file),
        () => synthesis(),
      ),
      unit: 'ratio',
      against: 'ImageTrust with a policy in Rego and with another, each in a new process',
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * What one `ImageTrust` adds to the synthesis of an app, in a process of its own, as `cdk synth` starts it:
 * the modules are loaded, and the assets are hashed and copied.
 */
async function processFigures(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-synth-'));
  try {
    compileInto(folder);
    const synthesis = (app: string) => milliseconds(() => synthesise(folder, app));
    const times = await repeat(PROCESSES, async () => ({
      empty: await synthesis('empty-stack'),
      plain: await synthesis('plain-stack'),
      trust: await synthesis('image-trust'),
    }));
    const empty = median(times.map(time => time.empty));
    const plain = median(times.map(time => time.plain));
    const trust = median(times.map(time => time.trust));
    return [
      {
        name: 'synth_image_trust_ms',
        value: Math.round(trust - empty),
        unit: 'ms',
        against: `a process that synthesises an empty stack, which takes ${Math.round(empty)} ms; aim ≤ 500`,
      },
      {
        name: 'synth_image_trust_over_plain_stack',
        value: trust / plain,
        unit: 'ratio',
        against:
          'a process that synthesises the same functions, assets and other resources by the CDK alone; aim ≤ 1.4',
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** JavaScript as in the package: file by file, beside the assets and the libraries. */
function compileInto(folder: string): void {
  const sources = ['src', 'bench/apps'].flatMap(part =>
    readdirSync(join(ROOT, part), { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.ts'))
      .map(name => join(ROOT, part, name)),
  );
  buildSync({ entryPoints: sources, outbase: ROOT, outdir: folder, format: 'cjs', platform: 'node' });
  for (const part of ['assets', 'node_modules', 'package.json']) {
    symlinkSync(join(ROOT, part), join(folder, part));
  }
}

function synthesise(folder: string, app: string): void {
  const out = join(folder, 'cdk.out');
  execFileSync(process.execPath, [join(folder, 'bench', 'apps', `${app}.js`)], {
    env: { CDK_OUTDIR: out, JSII_DEPRECATED: 'quiet' },
  });
  rmSync(out, { recursive: true });
}

function resources(repositories: number): number {
  const stack = new Stack(new App(), 'Bench');
  const trust = new ImageTrust(stack, 'Trust', { repositories: [RepositorySelector.prefix('team/')] });
  for (let index = 0; index < repositories; index++) {
    trust.addRepository(`Repository${index}`, { repositoryName: `team/app${index}` });
  }
  return Object.keys(Template.fromStack(stack).toJSON().Resources as object).length;
}
