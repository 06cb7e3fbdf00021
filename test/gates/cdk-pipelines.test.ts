import { Stack, Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { IStage } from 'aws-cdk-lib/aws-codepipeline';
import { FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import {
  CodePipeline,
  CodePipelineSource,
  ShellStep,
  Step,
  type ICodePipelineActionFactory,
  type ProduceActionOptions,
} from 'aws-cdk-lib/pipelines';
import { DIGEST, tagged } from './gated-stack';
import { ImageTrust, PipelineGate } from '../../src';
import { trustStack } from '../support/synthesise';

const IMAGE = `111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/app@${DIGEST}`;

class GateStep extends Step implements ICodePipelineActionFactory {
  constructor(private readonly gate: PipelineGate) {
    super('OnlyTrusted');
  }

  produceAction(stage: IStage, { actionName, runOrder }: ProduceActionOptions) {
    stage.addAction(this.gate.action({ actionName, images: [IMAGE], runOrder }));
    return { runOrdersConsumed: 1 };
  }
}

test('a step asks the gate before a stage is deployed, and an image of the stage asks the imported trust', () => {
  const { stack, trust } = trustStack({ publishedAs: 'platform' });
  const pipeline = new CodePipeline(stack, 'Pipeline', {
    synth: new ShellStep('Synth', {
      input: CodePipelineSource.s3(new Bucket(stack, 'Source'), 'app.zip'),
      commands: ['npx cdk synth'],
    }),
  });
  const stage = new Stage(stack, 'Prod');
  const app = new Stack(stage, 'App');
  const image = tagged(app, ImageTrust.fromStackName(app, 'Trust', { stackName: 'Test' }));
  new FargateTaskDefinition(app, 'Task').addContainer('Main', { image: image.toEcsImage() });
  pipeline.addStage(stage, { pre: [new GateStep(new PipelineGate(stack, 'Gate', { trust }))] });
  const [{ Properties }] = Object.values(
    Template.fromStack(stack).findResources('AWS::CodePipeline::Pipeline'),
  ) as [any];
  const { Actions } = Properties.Stages.find(({ Name }: { Name: string }) => Name === 'Prod');
  const order = Actions.map(({ Name, RunOrder }: any) => `${RunOrder} ${Name}`).sort();
  expect(order).toEqual(['1 OnlyTrusted', '2 App.Prepare', '3 App.Deploy']);
  const ask = Actions.find(({ Name }: { Name: string }) => Name === 'OnlyTrusted');
  expect(ask.Configuration.UserParameters).toBe(JSON.stringify({ count: 1, images: [IMAGE] }));
  Template.fromStack(app).resourceCountIs('Custom::TrustedImage', 1);
});
