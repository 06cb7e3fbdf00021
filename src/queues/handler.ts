import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Effect, PolicyStatement, ServicePrincipal, type Role } from 'aws-cdk-lib/aws-iam';
import { Architecture, Tracing, type FunctionOptions, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { anyAlarm } from './any-alarm';
import { InlineRole } from './inline-role';
import type { NetworkOptions } from './network';
import { Runbook } from './runbook';

/**
 * The actions by which AWS Lambda puts a function into a VPC. No resource can be named for them in advance.
 */
const NETWORK_ACTIONS = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

/** @internal */
export type HandlerOptions = Omit<FunctionOptions, 'environment' | 'logGroup'> & {
  readonly role: Role;
  readonly logGroup: ILogGroup;
};

/**
 * The options that all functions share. The role is created here and not by CDK: it may write only its own
 * log group, while the managed policy allows every log group.
 *
 * @internal
 */
export function handlerOptions(scope: Construct, network?: NetworkOptions): HandlerOptions {
  const logGroup = new LogGroup(scope, 'Logs', {
    retention: RetentionDays.THREE_MONTHS,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const role = new InlineRole(scope, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  role.addToPolicy(
    new PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    }),
  );
  if (network !== undefined) allowNetwork(role);
  return { architecture: Architecture.ARM_64, logGroup, role, tracing: Tracing.DISABLED, ...network };
}

/**
 * Allows AWS Lambda itself to use the network, and not the code of the function. The managed policy would
 * allow both, and every log group.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
 */
function allowNetwork(role: Role): void {
  role.addToPolicy(new PolicyStatement({ actions: NETWORK_ACTIONS, resources: ['*'] }));
  role.addToPolicy(
    new PolicyStatement({
      effect: Effect.DENY,
      actions: NETWORK_ACTIONS,
      resources: ['*'],
      conditions: { Null: { 'lambda:SourceFunctionArn': 'false' } },
    }),
  );
}

/**
 * An alarm on each error of a function.
 *
 * @internal
 */
export function errorAlarm(scope: Construct, handler: IFunction): Alarm {
  const metric = handler.metricErrors({ period: Duration.minutes(5) });
  const text = `The function ${handler.node.path} fails. Its log says why, on the lines with level ERROR.`;
  return anyAlarm(scope, 'Errors', metric, { text, section: Runbook.failingFunction });
}
