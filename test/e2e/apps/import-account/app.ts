import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import {
  AlertTopic,
  CloudFormationGate,
  EcsDeploymentGate,
  Enforcement,
  ImageTrust,
  ImageTrustForwarder,
  PipelineGate,
  RepositorySelector,
  RunWatcher,
  TrustedImage,
} from '../../../../src';
import { outputName } from '../../../../src/core/sharing/contract';
import { gatedPipeline } from '../gated-pipeline';

/**
 * The app of a team in another account than the trust, whose outputs it copied: `OUTPUTS`, as JSON. It
 * deploys the image `v1` of `REPOSITORY`, a repository of the trust's account, and has every gate. It
 * forwards pushes to its own repository `FORWARDED`, `<account>/<name>`, if that is given.
 */
const { OUTPUTS, REPOSITORY, FORWARDED } = process.env;
const outputs = JSON.parse(OUTPUTS!) as Record<string, string>;
const published = (part: Parameters<typeof outputName>[0]) => outputs[outputName(part)]!;
const [ofAccount, ...rest] = (FORWARDED ?? '').split('/');
const forwarded = rest.join('/');
const stack = new Stack(new App(), 'Team', { stackName: 'ImportAccount' });

const registerTableArn = published('registerTableArn');
const trust = ImageTrust.fromAttributes(stack, 'Trust', {
  schemaVersion: published('schemaVersion'),
  registerTableArn,
  policiesTableArn: published('policiesTableArn'),
  scanRequestsQueueArn: published('scanRequestsQueueArn'),
  scanRequestsQueueUrl: published('scanRequestsQueueUrl'),
  evidenceBucketName: published('evidenceBucketName'),
  grantsTableArn: published('grantsTableArn'),
  grantMessagesQueueArn: published('grantMessagesQueueArn'),
  grantMessagesQueueUrl: published('grantMessagesQueueUrl'),
  signingKeys: (JSON.parse(published('signingKeys')) as { arn: string }[]).map(({ arn }) => ({
    keyArn: arn,
  })),
  alertTopic: AlertTopic.text(),
  repositories: [
    RepositorySelector.name(REPOSITORY!),
    ...(FORWARDED === undefined ? [] : [RepositorySelector.name(forwarded).inAccount(ofAccount!)]),
  ],
});

const [, partition, , region, account] = registerTableArn.split(':');
const image = TrustedImage.fromTag(stack, 'Image', {
  trust,
  repository: Repository.fromRepositoryArn(
    stack,
    'Repository',
    `arn:${partition}:ecr:${region}:${account}:repository/${REPOSITORY}`,
  ),
  tag: 'v1',
});
new CfnOutput(stack, 'ImageUri', { value: image.imageUri });
const pipeline = new PipelineGate(stack, 'Pipeline', { trust });
gatedPipeline(stack, pipeline);
image.node.addDependency(
  new CloudFormationGate(stack, 'CloudFormation', { trust, enforcement: Enforcement.refuse() }),
  new EcsDeploymentGate(stack, 'Ecs', { trust }),
  pipeline,
  new RunWatcher(stack, 'Watcher', { trust }),
); // so that they are there also where the image is refused
if (FORWARDED !== undefined) {
  new ImageTrustForwarder(stack, 'Forwarder', {
    forwardingBusArn: published('forwardingBusArn'),
    repositories: [
      new Repository(stack, 'Own', { repositoryName: forwarded, removalPolicy: RemovalPolicy.DESTROY }),
    ],
  });
}
