import { App, Stack, Validations } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { Construct } from 'constructs';
import * as library from '../src';
import { ImageTrust, NagFindings, RepositorySelector, TrustedImage } from '../src';
import { everyConstruct } from './support/every-construct';

/** An app with all that is found, as its author has it checked. */
function checkedApp(): App {
  const app = new App();
  const images = new Stack(app, 'Images');
  const trust = new ImageTrust(images, 'Trust', { repositories: [RepositorySelector.prefix('team/')] });
  expect(trust.breakGlass).toBeDefined(); // the first use makes it
  const service = new Stack(app, 'Service');
  TrustedImage.fromTag(service, 'Image', {
    trust,
    repository: Repository.fromRepositoryName(service, 'Repository', 'team/app'),
    tag: 'v1',
  });
  return app;
}

function violationsOf(app: App): string[] {
  app.synth();
  return app.node.children
    .filter(Stack.isStack)
    .flatMap(stack => new AwsSolutionsChecks(stack).validateScope(stack).violations)
    .flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath }) => `${ruleName} ${constructPath}`),
    );
}

/** Synthesises it as the command line of the CDK does, which ends with 1 when a check reports something. */
function synthesised(app: App): unknown {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const before = process.exitCode;
  jest.spyOn(console, 'error').mockImplementation();
  try {
    app.synth();
    return process.exitCode;
  } finally {
    process.exitCode = before;
  }
}

test('an app that acknowledges them is synthesised under cdk-nag', () => {
  const app = checkedApp();
  NagFindings.acknowledge(app);
  expect(synthesised(app)).toBeUndefined();
});

test.each([false, true])('as a validation plugin it passes with every construct; in a VPC: %s', inNetwork => {
  const app = everyConstruct({ inNetwork });
  NagFindings.acknowledge(app);
  expect(synthesised(app)).toBeUndefined();
});

test('every construct of the package is in that app', () => {
  const constructs = Object.entries(library)
    .filter(([, exported]) => typeof exported === 'function' && exported.prototype instanceof Construct)
    .map(([name]) => name);
  const made = new Set(
    everyConstruct({ inNetwork: false })
      .node.findAll()
      .map(each => each.constructor.name),
  );
  expect(constructs.filter(name => !made.has(name))).toEqual([]);
  expect(constructs.length).toBeGreaterThan(20);
});

test('what the author of the app allows beside it is still reported', () => {
  const app = everyConstruct({ inNetwork: true });
  const stack = app.node.findChild('Team') as Stack;
  NagFindings.acknowledge(app);
  const { role } = stack.node.findChild('Services').node.findChild('Resource') as Function;
  role!.addToPrincipalPolicy(new PolicyStatement({ actions: ['ecs:StopTask'], resources: ['*'] }));
  expect(violationsOf(app)).toEqual(['AwsSolutions-IAM5[Resource::*] Team/Services/Role/Resource']);
});

test('an app that does not is told all of them', () => {
  const app = checkedApp();
  expect(synthesised(app)).toBe(1);
  expect(violationsOf(app)).toContain('AwsSolutions-CB5 Images/Trust/Scanner/Project/Resource/Resource');
});

test('what others make is still reported, beside ours and below it', () => {
  const app = checkedApp();
  const images = app.node.findChild('Images');
  new Bucket(images, 'Own', { enforceSSL: true });
  NagFindings.acknowledge(app);
  expect(violationsOf(app)).toEqual(['AwsSolutions-S1 Images/Own/Resource']);
});

test('below a scope, and nowhere else', () => {
  const app = checkedApp();
  NagFindings.acknowledge(app.node.findChild('Service'));
  const violations = violationsOf(app);
  expect(violations.length).toBeGreaterThan(0);
  expect(violations.filter(each => !each.includes(' Images/'))).toEqual([]);
});
