import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ImageTrust, RepositorySelector } from '../src';
import { Figure, median, milliseconds } from './figure';

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
  ];
}

function resources(repositories: number): number {
  const stack = new Stack(new App(), 'Bench');
  const trust = new ImageTrust(stack, 'Trust', { repositories: [RepositorySelector.prefix('team/')] });
  for (let index = 0; index < repositories; index++) {
    trust.addRepository(`Repository${index}`, { repositoryName: `team/app${index}` });
  }
  return Object.keys(Template.fromStack(stack).toJSON().Resources as object).length;
}
