import { App, Stack } from 'aws-cdk-lib';
import {
  AlertTopic,
  CloudFormationGate,
  EcsDeploymentGate,
  Enforcement,
  ImageTrust,
  PipelineGate,
  RepositorySelector,
} from '../../../../src';
import { gatedPipeline } from '../gated-pipeline';

/** What `TRUST` says of the trust of another app, as a person would copy it from the outputs. */
export interface Attributes {
  readonly registerTableArn: string;
  readonly policiesTableArn: string;
  readonly scanRequestsQueueArn: string;
  readonly grantsTableArn: string;
  readonly grantMessagesQueueArn: string;
  readonly grantMessagesQueueUrl: string;
  readonly evidenceBucketName: string;
  readonly keyArn: string;
}

const { keyArn, ...attributes } = JSON.parse(process.env.TRUST!) as Attributes;
/** The app of a team whose services ask the trust of another app, and read its break-glass grants. */
const stack = new Stack(new App(), 'Gates');
const trust = ImageTrust.fromAttributes(stack, 'Trust', {
  ...attributes,
  schemaVersion: '1',
  signingKeys: [{ keyArn }],
  alertTopic: AlertTopic.text(),
  repositories: [RepositorySelector.prefix('team/')],
});
new CloudFormationGate(stack, 'CloudFormation', { trust, enforcement: Enforcement.refuse() });
new EcsDeploymentGate(stack, 'Ecs', { trust });
gatedPipeline(stack, new PipelineGate(stack, 'Pipeline', { trust }));
