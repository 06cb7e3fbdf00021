import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Figure, median, milliseconds, ratio } from './figure';
import { STANDARD_IN_REGO } from './standard-in-rego';
import { mustRun } from '../local/tools/command';
import { ImageTrust, RepositorySelector } from '../src';

export async function synthFigures(): Promise<Figure[]> {
  const few = resources(1);
  const times: number[] = [];
  for (let round = 0; round < 5; round++) times.push(await milliseconds(() => resources(50)));
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
        'build the engine: `npx projen build:rego`',
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

function resources(repositories: number): number {
  const stack = new Stack(new App(), 'Bench');
  const trust = new ImageTrust(stack, 'Trust', { repositories: [RepositorySelector.prefix('team/')] });
  for (let index = 0; index < repositories; index++) {
    trust.addRepository(`Repository${index}`, { repositoryName: `team/app${index}` });
  }
  return Object.keys(Template.fromStack(stack).toJSON().Resources as object).length;
}
