import { Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { PipelineProject } from 'aws-cdk-lib/aws-codebuild';
import { Repository } from 'aws-cdk-lib/aws-codecommit';
import { Artifact, Pipeline, type IAction } from 'aws-cdk-lib/aws-codepipeline';
import { CodeBuildAction, CodeCommitSourceAction } from 'aws-cdk-lib/aws-codepipeline-actions';
import { WITH_BREAK_GLASS } from './gated-stack';
import { ImageTrust, PipelineGate, RepositorySelector } from '../../src';
import { ASKING_RIGHTS } from '../support/asking-rights';
import { newStack, rightsOf, roleStatements, trustStack } from '../support/synthesise';

const REGISTRY = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
const DIGEST = `sha256:${'a'.repeat(64)}`;

function gated(): { stack: Stack; gate: PipelineGate } {
  const { stack, trust } = trustStack(WITH_BREAK_GLASS);
  return { stack, gate: new PipelineGate(stack, 'Gate', { trust }) };
}

/** A pipeline whose second action builds, and whose third asks. */
function pipelineIn(stack: Stack, ask: (build: CodeBuildAction) => IAction): void {
  const source = new Artifact();
  const build = new CodeBuildAction({
    actionName: 'Build',
    project: new PipelineProject(stack, 'Project'),
    input: source,
  });
  new Pipeline(stack, 'Pipeline', {
    stages: [
      {
        stageName: 'Source',
        actions: [
          new CodeCommitSourceAction({
            actionName: 'Source',
            repository: new Repository(stack, 'Code', { repositoryName: 'code' }),
            output: source,
          }),
        ],
      },
      { stageName: 'Build', actions: [build] },
      { stageName: 'Gate', actions: [ask(build)] },
    ],
  });
}

test('an action names images, also those that a build exports; the function may read, send alerts and answer jobs', () => {
  const { stack, gate } = gated();
  pipelineIn(stack, build =>
    gate.action({ actionName: 'OnlyTrusted', images: [build.variable('IMAGE'), `b@${DIGEST}`] }),
  );
  const template = Template.fromStack(stack);
  const [pipeline] = Object.values(template.findResources('AWS::CodePipeline::Pipeline'));
  const [action] = pipeline!.Properties.Stages[2].Actions;
  expect(action).toMatchObject({
    Name: 'OnlyTrusted',
    ActionTypeId: { Category: 'Invoke', Owner: 'AWS', Provider: 'Lambda' },
    Configuration: {
      UserParameters: expect.stringMatching(
        /^\{"count":2,"images":\["#\{\w+\.IMAGE\}","b@sha256:a{64}"\]\}$/,
      ),
    },
  });
  expect(rightsOf(roleStatements(template).get('GateRole')!)).toEqual(
    [
      ...ASKING_RIGHTS,
      'Allow codepipeline:PutJobFailureResult *', // AWS knows no resource for these two
      'Allow codepipeline:PutJobSuccessResult *',
    ].sort(),
  );
});

test('a gate without an action is a warning', () => {
  const { stack } = gated();
  Annotations.fromStack(stack).hasWarning(
    '/Test/Gate',
    'nothing asks the gate Test/Gate, so it refuses nothing; add its action() to a stage of a pipeline [ack: cdk-trusted-images:gateWithoutUse]',
  );
  const used = gated();
  pipelineIn(used.stack, () => used.gate.action({ actionName: 'Gate', images: ['#{Build.IMAGE}'] }));
  Annotations.fromStack(used.stack).hasNoWarning('*', Match.stringLikeRegexp('gateWithoutUse'));
});

test('a pipeline of another region is an error that says what to do', () => {
  const account = '111122223333';
  const stack = newStack({}, { env: { account, region: 'eu-west-1' } });
  const trust = new ImageTrust(stack, 'Trust', { repositories: [RepositorySelector.all()] });
  const gate = new PipelineGate(stack, 'Gate', { trust });
  const other = new Stack(stack.node.scope, 'Other', { env: { account, region: 'us-east-1' } });
  expect(() => {
    pipelineIn(other, () => gate.action({ actionName: 'Gate', images: ['#{Build.IMAGE}'] }));
  }).toThrow(
    'the pipeline Other/Pipeline is in a stack of 111122223333.us-east-1 and its gate Test/Gate in one of 111122223333.eu-west-1, allowed: the same account and region; make a gate beside the pipeline, with a trust of that place or an imported one, for example by ImageTrust.fromStackName()',
  );
});

test.each([0, 51])('an action with %d images is an error', count => {
  const images = Array.from({ length: count }, () => 'a');
  expect(() => gated().gate.action({ actionName: 'Gate', images })).toThrow(
    `images of the action "Gate" has ${count} images, allowed: 1 to 50`,
  );
});

test.each([
  `${REGISTRY}/team/app:latest`,
  'nginx',
  '',
  `${REGISTRY}/team/app@sha256:1`,
  `${REGISTRY}/team/app@sha512:${'a'.repeat(128)}`,
  `${REGISTRY}/team/app@${DIGEST}, ${REGISTRY}/team/api@${DIGEST}`,
])('the gate would always refuse %j, so it is an error', image => {
  expect(() => gated().gate.action({ actionName: 'Gate', images: ['#{Build.IMAGE}', image] })).toThrow(
    `images of the action "Gate" names ${JSON.stringify(image)}, allowed: an image with its digest, <registry>/<repository>@sha256:<64 hex>, or a variable of an earlier action, for example #{Build.IMAGE}`,
  );
});

test.each([
  [`${REGISTRY}/team/app:v1@${DIGEST}`],
  [`${REGISTRY}/team/app@#{Build.DIGEST}`],
  ['#{Build.IMAGE}'],
])('%j may be trusted', image => {
  expect(() => gated().gate.action({ actionName: 'Gate', images: [image] })).not.toThrow();
});

test('more characters than CodePipeline takes are an error, where they are known', () => {
  const { stack, gate } = gated();
  const named = (count: number) =>
    Array.from({ length: count }, (_, at) => `${REGISTRY}/team/app${at}@${DIGEST}`);
  expect(() => gate.action({ actionName: 'Gate', images: named(7) })).not.toThrow();
  expect(() => gate.action({ actionName: 'Gate', images: named(8) })).toThrow(
    'images of the action "Gate" needs 1054 characters, allowed: 1000, which CodePipeline takes; name the others in another action',
  );
  const tokens = Array.from(
    { length: 8 },
    () => `${stack.account}.dkr.ecr.eu-west-1.amazonaws.com/a@${DIGEST}`,
  );
  expect(() => gate.action({ actionName: 'Gate', images: tokens })).not.toThrow();
});

test('the ARN of its function, which is the scope of grants, is an output of its stack', () => {
  const { stack, gate } = gated();
  Template.fromStack(stack).hasOutput('*', { Value: stack.resolve(gate.handler.functionArn) });
});
