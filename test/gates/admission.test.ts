import { Template } from 'aws-cdk-lib/assertions';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { APP, named, tagged } from './gated-stack';
import { DeploymentProbe, RepositorySelector, TrustedImage } from '../../src';
import { PUSH, environmentOf, roleStatements, trustStack } from '../support/synthesise';

const ASSETS = 'cdk-hnb659fds-container-assets-${AWS::AccountId}-${AWS::Region}';
/** A probe has a repository of its own. */
const UNPROBED = { deploymentProbe: DeploymentProbe.NONE };
const PULL = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];

const enrolment = (template: Template): unknown =>
  JSON.parse(environmentOf(template, 'Takes the scan lease').REPOSITORIES);

/** What each role of the trust may do in repositories: `<actions>: <repository>`. */
function registryRights(template: Template): Record<string, string[]> {
  const ofTrust = [...roleStatements(template)].filter(([role]) => role.startsWith('Trust'));
  const rights = ofTrust.map(
    ([role, statements]) =>
      [
        role,
        statements.flatMap(({ actions, resources }) =>
          resources
            .filter(each => each.includes(':repository/'))
            .map(each => `${actions.join(' ')}: ${each.split(':repository/')[1]}`),
        ),
      ] as const,
  );
  return Object.fromEntries(rights.filter(([, each]) => each.length > 0));
}

/**
 * What the roles of a trust may, that scan and sign what is pushed under `team/`, and what deployments name
 * besides.
 */
function rightsWith(...repositories: string[]): Record<string, string[]> {
  return {
    TrustScannerProjectRole: ['team/*', ...repositories].map(name => `${PULL.join(' ')}: ${name}`),
    // whatever image asks, the tags of what the trust enrols are resolved by its gate
    TrustGateRequestRole: ['team/*', ...repositories].map(name => `ecr:BatchGetImage: ${name}`),
    TrustScannerDispatcherRole: ['team/*', ...repositories].map(name => `ecr:BatchGetImage: ${name}`),
    TrustScannerReconcilerRole: [
      'ecr:DescribeRepositories ecr:ListTagsForResource: *',
      'ecr:DescribeImages: team/*',
    ],
    TrustSignerRole: ['team/*', ...repositories].map(name => `${PUSH.join(' ')}: ${name}`),
  };
}

describe('an image that CDK builds', () => {
  const { stack, trust } = trustStack(UNPROBED);
  for (const version of ['1', '2']) {
    TrustedImage.fromAsset(stack, `Image${version}`, {
      trust,
      directory: APP,
      buildArgs: { VERSION: version },
    });
  }
  const template = Template.fromStack(stack);

  test('lies in the repository of the bootstrap stack: that is scanned on request', () => {
    expect(enrolment(template)).toEqual(
      expect.arrayContaining([
        { by: 'prefix', prefix: 'team/' },
        { by: 'request', name: ASSETS },
      ]),
    );
  });

  test('is pulled and signed there, and in no repository of another app', () => {
    expect(registryRights(template)).toEqual(rightsWith(ASSETS));
  });

  test('is not scanned when it is pushed: images of all apps of the account lie there', () => {
    const pushes = Object.values(
      template.findResources('AWS::Events::Rule', { Properties: { EventPattern: { source: ['aws.ecr'] } } }),
    );
    expect(pushes.map(({ Properties }) => Properties.EventPattern.detail['repository-name'])).toEqual([
      [{ prefix: 'team/' }],
    ]);
  });
});

describe('an image of a repository that is there', () => {
  test('and is selected by a prefix: nothing is admitted, nobody gets a right', () => {
    const { stack, trust } = trustStack(UNPROBED);
    tagged(stack, trust);
    const template = Template.fromStack(stack);
    expect(enrolment(template)).toEqual([{ by: 'prefix', prefix: 'team/' }]);
    expect(registryRights(template)).toEqual(rightsWith());
  });

  test('and is not selected: it is admitted', () => {
    const { stack, trust } = trustStack(UNPROBED);
    tagged(stack, trust, 'other/app');
    const template = Template.fromStack(stack);
    expect(enrolment(template)).toEqual([
      { by: 'prefix', prefix: 'team/' },
      { by: 'request', name: 'other/app' },
    ]);
    expect(registryRights(template)).toEqual(rightsWith('other/app'));
  });

  test('two of its images: it is admitted once', () => {
    const { stack, trust } = trustStack(UNPROBED);
    const { repository } = tagged(stack, trust, 'other/app');
    TrustedImage.fromTag(stack, 'Second', { trust, repository, tag: 'v2' });
    const template = Template.fromStack(stack);
    expect(enrolment(template)).toEqual([
      { by: 'prefix', prefix: 'team/' },
      { by: 'request', name: 'other/app' },
    ]);
    expect(registryRights(template)).toEqual(rightsWith('other/app'));
  });

  test('of which only its resource tags could tell whether it is selected: it is admitted', () => {
    const { stack, trust } = trustStack({
      ...UNPROBED,
      repositories: [RepositorySelector.tag('trusted', 'yes')],
    });
    tagged(stack, trust, 'team/app');
    expect(enrolment(Template.fromStack(stack))).toEqual([
      { by: 'tag', key: 'trusted', value: 'yes' },
      { by: 'request', name: 'team/app' },
    ]);
  });
});

describe('an image of a repository of the same stack', () => {
  test('with a name that is selected: nothing is admitted', () => {
    const { stack, trust } = trustStack(UNPROBED);
    TrustedImage.fromTag(stack, 'Image', {
      trust,
      repository: new Repository(stack, 'App', { repositoryName: 'team/app' }),
      tag: 'v1',
    });
    expect(registryRights(Template.fromStack(stack))).toEqual(rightsWith());
  });

  test.each(['by CDK', 'by the trust'])(
    'made %s, with a name that CloudFormation chooses: it is admitted by that',
    maker => {
      const { stack, trust } = trustStack(UNPROBED);
      const repository =
        maker === 'by CDK' ? new Repository(stack, 'TrustApp') : trust.addRepository('App').repository;
      TrustedImage.fromTag(stack, 'Image', { trust, repository, tag: 'v1' });
      const template = Template.fromStack(stack);
      expect(enrolment(template)).toEqual([
        { by: 'prefix', prefix: 'team/' },
        { by: 'request', name: 'TrustApp' },
      ]);
      expect(registryRights(template)).toEqual(rightsWith('TrustApp'));
    },
  );
});

test('one repository that is imported twice is admitted once', () => {
  const { stack, trust } = trustStack(UNPROBED);
  const both = [named(stack, 'other/app'), Repository.fromRepositoryName(stack, 'App', 'other/app')];
  for (const [index, repository] of both.entries()) {
    TrustedImage.fromTag(stack, `Image${index}`, { trust, repository, tag: 'v1' });
  }
  const template = Template.fromStack(stack);
  expect(enrolment(template)).toEqual([
    { by: 'prefix', prefix: 'team/' },
    { by: 'request', name: 'other/app' },
  ]);
  expect(registryRights(template)).toEqual(rightsWith('other/app'));
});
