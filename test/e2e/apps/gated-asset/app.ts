import { App, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, FargateService, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { ScheduledFargateTask } from 'aws-cdk-lib/aws-ecs-patterns';
import { Schedule } from 'aws-cdk-lib/aws-events';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Enforcement, ImageTrust, RepositorySelector, TrustedImage } from '../../../../src';

/**
 * A trust and what asks it in one stack: the image lies in the bootstrap stack's repository, which nobody
 * enrolled.
 */
const stack = new Stack(new App(), 'GatedAsset');
const trust = new ImageTrust(stack, 'Trust', {
  repositories: [RepositorySelector.prefix('gated/')],
  removalPolicy: RemovalPolicy.DESTROY,
});
const enforcement = process.env.AUDIT === '1' ? Enforcement.audit() : Enforcement.refuse();
const image = TrustedImage.fromAsset(stack, 'Image', {
  trust,
  enforcement,
  directory: process.env.ASSET_FOLDER!,
});
const taskDefinition = new FargateTaskDefinition(stack, 'Task');
taskDefinition.addContainer('app', { image: image.toEcsImage() });
const cluster = new Cluster(stack, 'Cluster', {
  vpc: Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-1',
    availabilityZones: ['us-east-1a'],
    privateSubnetIds: ['subnet-1'],
  }),
});
const service = new FargateService(stack, 'Service', { cluster, taskDefinition });
const scheduled = new ScheduledFargateTask(stack, 'Scheduled', {
  cluster,
  scheduledFargateTaskDefinitionOptions: { taskDefinition },
  schedule: Schedule.rate(Duration.days(1)),
});
new StringParameter(stack, 'Parameter', { stringValue: image.imageUri });
new CfnOutput(stack, 'ImageUri', { value: image.imageUri });
new CfnOutput(stack, 'ClusterArn', { value: cluster.clusterArn });
new CfnOutput(stack, 'ServiceArn', { value: service.serviceArn });
new CfnOutput(stack, 'RuleName', { value: scheduled.eventRule.ruleName });
new CfnOutput(stack, 'AlertsTopicArn', { value: trust.alerts.topic.topicArn });
