import { Aws, CustomResource, Duration } from 'aws-cdk-lib';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { KeepImportedFunction } from './keep-imported-function';
import { EnvironmentName } from '../core/environment';
import { Seconds } from '../core/times';
import type { OwnTrust } from '../gates/own-access';
import { handlerOptions } from '../queues/handler';
import { inOneGroup } from '../queues/one-security-group';

/**
 * The first resource of a published trust that a deletion of its stack meets. It refuses while stacks of
 * other apps import the trust, and then everything of the trust is still there.
 *
 * @internal
 */
export class KeepImported extends Construct {
  constructor(scope: Construct, id: string, trust: OwnTrust) {
    super(scope, id);
    const { register, network } = trust;
    const options = handlerOptions(this, inOneGroup(trust, network));
    const handler = new KeepImportedFunction(this, 'Resource', {
      ...options,
      description: 'Refuses the deletion of a trust that stacks of other apps import',
      memorySize: 256,
      timeout: Duration.seconds(Seconds.keepImported),
      environment: {
        ...register._metrics.environment(),
        [EnvironmentName.register]: register.table.tableName,
        [EnvironmentName.urlSuffix]: Aws.URL_SUFFIX,
      },
    });
    register._grantImporters(handler);
    Grant.addToPrincipal({
      grantee: handler,
      actions: ['cloudformation:DescribeStacks'],
      resourceArns: [Aws.STACK_ID],
    });
    const guard = new CustomResource(this, 'Guard', {
      resourceType: 'Custom::TrustedImagesImporters',
      serviceToken: handler.functionArn,
      serviceTimeout: Duration.seconds(Seconds.keepImportedService),
    });
    // created last, so deleted first
    guard.node.addDependency(trust, handler, options.role, options.logGroup);
  }
}
