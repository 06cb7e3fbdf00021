import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AlertTopic,
  CloudFormationGate,
  EcsDeploymentGate,
  Enforcement,
  ImageAlerts,
  ImageTrust,
  PipelineGate,
  RepositorySelector,
  RevocationWatcher,
  RunWatcher,
  TrustEvents,
  TrustRegister,
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
new RunWatcher(stack, 'Runs', { trust });

// of a trust of its own, for which the tests write what the register says
const events = new TrustEvents(stack, 'Events');
const register = new TrustRegister(stack, 'Register', { removalPolicy: RemovalPolicy.DESTROY });
const alerts = new ImageAlerts(stack, 'Alerts', { events, register });
const revocations = new RevocationWatcher(stack, 'Revocations', { events, register, alerts });
revocations.node.tryRemoveChild('MassRevocation'); // the embedded cloud has no alarms of more than one metric
