import { Fn } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import { scannerStack, type ScannerStack } from './scanner-stack';
import { RepositorySelector } from '../../src';
import { Enrolment } from '../../src/core/image/enrolment';
import { environmentOf, roleStatements } from '../support/synthesise';

/** A build pulls layers, the dispatcher reads manifests. */
const PULLS = {
  ScannerDispatcherRole: 'ecr:BatchGetImage',
  ScannerProjectRole: 'ecr:BatchGetImage,ecr:GetDownloadUrlForLayer',
} as const;

function admitted(...names: string[]): ScannerStack {
  const made = scannerStack();
  for (const name of names) made.scanner._admit(RepositorySelector._onRequest(name));
  return made;
}

/** What the dispatcher and the reconciler know of repositories. */
function enrolments(template: Template): unknown[] {
  return ['Takes the scan lease', 'Finds images'].map(description =>
    (JSON.parse(environmentOf(template, description).REPOSITORIES) as Enrolment).filter(
      ({ by }) => by !== 'except', // the repository of the probe
    ),
  );
}

function pullsOf(template: Template, role: keyof typeof PULLS): string[] {
  return roleStatements(template)
    .get(role)!
    .filter(({ actions }) => actions.join() === PULLS[role])
    .flatMap(({ resources }) => resources)
    .filter(resource => !resource.endsWith('/ScannerProbeRepository'));
}

describe('a repository whose images are scanned where a deployment asks for one', () => {
  const { scanner, template } = admitted('other/app');

  test('is known to those who ask whether an image may be scanned', () => {
    const expected = [
      { by: 'prefix', prefix: 'team/' },
      { by: 'request', name: 'other/app' },
    ];
    expect(enrolments(template)).toEqual([expected, expected]);
    expect(Enrolment.parse(expected)).toEqual(expected);
  });

  test.each(['ScannerDispatcherRole', 'ScannerProjectRole'] as const)(
    'is pulled from by %s, it and no other',
    role => {
      expect(pullsOf(template, role)).toEqual(
        ['team/*', 'other/app'].map(name => `arn:Partition:ecr:Region:AccountId:repository/${name}`),
      );
    },
  );

  test('is no selected one: nobody hears of its pushes, and nobody looks for what was lost there', () => {
    template.resourcePropertiesCountIs('AWS::Events::Rule', { EventPattern: { source: ['aws.ecr'] } }, 1);
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { source: ['aws.ecr'], detail: { 'repository-name': [{ prefix: 'team/' }] } },
    });
    expect(
      roleStatements(template)
        .get('ScannerReconcilerRole')!
        .filter(({ actions }) => actions.includes('ecr:DescribeImages'))
        .flatMap(({ resources }) => resources),
    ).toEqual(['arn:Partition:ecr:Region:AccountId:repository/team/*']);
    expect(['team/app', 'other/app'].map(name => scanner._selects(name))).toEqual([true, false]);
  });
});

test('one that is admitted twice is admitted once', () => {
  const { template } = admitted('other/app', 'other/app', 'other/app-2', 'other/app');
  const expected = [
    { by: 'prefix', prefix: 'team/' },
    { by: 'request', name: 'other/app' },
    { by: 'request', name: 'other/app-2' },
  ];
  expect(enrolments(template)).toEqual([expected, expected]);
});

test('so is one whose name is known when the stack is deployed: every image that CDK publishes names the same repository anew', () => {
  const assets = () => Fn.sub('cdk-hnb659fds-container-assets-${AWS::AccountId}-${AWS::Region}');
  const { template } = admitted(assets(), assets());
  const expected = [
    { by: 'prefix', prefix: 'team/' },
    { by: 'request', name: 'cdk-hnb659fds-container-assets-${AWS::AccountId}-${AWS::Region}' },
  ];
  expect(enrolments(template)).toEqual([expected, expected]);
});
