import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { ImageTrust, RepositorySelector } from '../../../../src';

/**
 * A trust as it is deployed for good: what holds state is kept. The last resource, after everything else, has
 * a name that may be taken.
 */
const stack = new Stack(new App(), 'FirstDeployment');
const trust = new ImageTrust(stack, 'Trust', { repositories: [RepositorySelector.prefix('first/')] });
trust.addRepository('App', { repositoryName: 'first/app' });
new EventBus(stack, 'Last', { eventBusName: 'first-last' }).node.addDependency(trust);
new CfnOutput(stack, 'Register', { value: trust.register.table.tableName });
