import { App, Stack, type StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { APP, imageText, tagged } from './gated-stack';
import { partsIn } from './parts';
import { DeploymentProbe, ImageTrust, RepositorySelector, TrustedImage } from '../../src';
import { environmentOf, newStack } from '../support/synthesise';

interface Apps {
  readonly trust: ImageTrust;
  readonly platform: Stack;
  stack(id: string): Stack;
  template(stack: Stack): Template;
  enrolment(): unknown[];
}

/** Trust in one stack, apps that ask it in others. */
function apps(props: StackProps = {}): Apps {
  const platform = newStack({}, { ...props, stackName: 'Platform' });
  const trust = new ImageTrust(platform, 'Trust', {
    repositories: [RepositorySelector.prefix('team/')],
    deploymentProbe: DeploymentProbe.NONE, // it has a repository of its own
  });
  return {
    trust,
    platform,
    stack: id => new Stack(platform.node.root as App, id, props),
    template: stack => Template.fromStack(stack),
    enrolment: () =>
      JSON.parse(environmentOf(Template.fromStack(platform), 'Takes the scan lease').REPOSITORIES),
  };
}

const KNOWN = { env: { account: '123456789012', region: 'eu-west-1' } };
const asks = (template: Template) =>
  Object.values(template.findResources('AWS::Lambda::Function')).filter(({ Properties }) =>
    String(Properties.Description).startsWith('Waits for an image'),
  ).length;

describe('an app in a stack of its own', () => {
  const { trust, platform, stack, template } = apps();
  const app = stack('App');
  const image = tagged(app, trust);
  new FargateTaskDefinition(app, 'Task').addContainer('Main', { image: image.toEcsImage() });

  test('is deployed after the trust, and the trust waits for no app', () => {
    expect(() => (platform.node.root as App).synth()).not.toThrow();
    expect(app.dependencies).toEqual([platform]);
    expect(platform.dependencies).toEqual([]);
  });

  test('has no function: the gate of the trust answers', () => {
    expect([app, platform].map(each => asks(template(each)))).toEqual([0, 1]);
    template(app).resourceCountIs('Custom::TrustedImage', 1);
  });

  test('runs what was judged', () => {
    const [
      {
        Properties: {
          ContainerDefinitions: [container],
        },
      },
    ] = Object.values(template(app).findResources('AWS::ECS::TaskDefinition')) as [any];
    expect(imageText(container.Image)).toBe(
      'AccountId.dkr.ecr.Region.URLSuffix/team/app@sha256:<hex of ImageGateC78FFE19>',
    );
  });

  test('has no alarm: what nobody could answer is told by the gate of the trust', () => {
    template(app).resourceCountIs('AWS::CloudWatch::Alarm', 0);
    expect(environmentOf(template(platform), 'Waits for an image').ALERT_TOPICS).toMatch(/TrustAlertsTopic/);
  });
});

describe('a repository of the app', () => {
  const built = (name?: string) => {
    const made = apps();
    const app = made.stack('App');
    const gate = () =>
      TrustedImage.fromTag(app, 'Image', {
        trust: made.trust,
        repository: new Repository(app, 'Repository', { repositoryName: name }),
        tag: 'v1',
      });
    return { ...made, app, gate };
  };

  test('is admitted by its name: the trust does not wait for it', () => {
    const { app, gate, platform, enrolment } = built('other/app');
    gate();
    expect(enrolment()).toEqual([
      { by: 'prefix', prefix: 'team/' },
      { by: 'request', name: 'other/app' },
    ]);
    expect([platform.dependencies, app.dependencies]).toEqual([[], [platform]]);
  });

  test('is not admitted if its name is selected', () => {
    const { gate, enrolment } = built('team/app');
    gate();
    expect(enrolment()).toEqual([{ by: 'prefix', prefix: 'team/' }]);
  });

  test('is refused if nobody knows its name yet', () => {
    expect(built().gate).toThrow(
      'the repository App/Repository has no name at synthesis, and its trust is in another stack, which is deployed first and has to know the name: set repositoryName, or create the repository with trust.addRepository()',
    );
  });

  test('made by the trust needs no name', () => {
    const { trust, platform, stack, enrolment } = apps();
    const app = stack('App');
    TrustedImage.fromTag(app, 'Image', {
      trust,
      repository: trust.addRepository('App').repository,
      tag: 'v1',
    });
    expect(enrolment()).toEqual([
      { by: 'prefix', prefix: 'team/' },
      { by: 'request', name: 'TrustApp' },
    ]);
    expect([platform.dependencies, app.dependencies]).toEqual([[], [platform]]);
  });
});

describe('several apps', () => {
  test('have no functions of their own, and ask the same gate', () => {
    const { trust, platform, stack, template } = apps();
    const [one, two] = ['One', 'Two'].map(stack) as [Stack, Stack];
    tagged(one, trust);
    tagged(two, trust);
    tagged(two, trust, 'team/api', 'Api');
    expect([platform, one, two].map(each => asks(template(each)))).toEqual([1, 0, 0]);
    expect([one, two].map(each => each.dependencies)).toEqual([[platform], [platform]]);
  });

  test('with images that CDK builds share one repository, which is admitted once', () => {
    const { trust, stack, enrolment } = apps(KNOWN);
    for (const id of ['One', 'Two']) TrustedImage.fromAsset(stack(id), 'Image', { trust, directory: APP });
    expect(enrolment()).toEqual([
      { by: 'prefix', prefix: 'team/' },
      { by: 'request', name: 'cdk-hnb659fds-container-assets-123456789012-eu-west-1' },
    ]);
  });
});

test('parts of a trust that somebody put together can be used as a trust', () => {
  const { platform, stack, template } = apps();
  const app = stack('App');
  tagged(
    app,
    ImageTrust.fromParts(platform, 'Composed', {
      ...partsIn(new Construct(platform, 'Parts')),
      gate: { gateName: 'composed' },
    }),
  );
  template(app).resourceCountIs('Custom::TrustedImage', 1);
  expect(app.dependencies).toEqual([platform]);
});
