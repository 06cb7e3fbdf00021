import { App, Stack } from 'aws-cdk-lib';
import {
  CloudFormationGate,
  EcsDeploymentGate,
  EmergencyAccess,
  Enforcement,
  ImageTrust,
  PipelineGate,
} from '../../../../src';

/** The app of a team whose services ask the trust of the quickstart, and read its break-glass grants. */
const stack = new Stack(new App(), 'Gates');
const trust = ImageTrust.fromStackName(stack, 'Trust', {
  stackName: 'Quickstart',
  emergencyAccess: EmergencyAccess.BREAK_GLASS,
});
new CloudFormationGate(stack, 'CloudFormation', { trust, enforcement: Enforcement.refuse() });
new EcsDeploymentGate(stack, 'Ecs', { trust });
new PipelineGate(stack, 'Pipeline', { trust });
