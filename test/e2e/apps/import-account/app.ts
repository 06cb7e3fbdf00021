import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { AlertTopic, CloudFormationGate, Enforcement, ImageTrust, TrustedImage } from '../../../../src';
import { outputName } from '../../../../src/core/sharing/contract';

/**
 * The app of a team in another account than the trust, whose outputs it copied: `OUTPUTS`, as JSON. It
 * deploys the image `v1` of `REPOSITORY`, a repository of the trust's account, and has a gate of its own.
 */
const { OUTPUTS, REPOSITORY } = process.env;
const outputs = JSON.parse(OUTPUTS!) as Record<string, string>;
const published = (part: Parameters<typeof outputName>[0]) => outputs[outputName(part)]!;
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
new CloudFormationGate(stack, 'Gate', { trust, enforcement: Enforcement.refuse() });
