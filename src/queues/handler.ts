import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Tracing, type FunctionOptions, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { anyAlarm } from './any-alarm';
import type { NetworkOptions } from './network';

/**
 * What AWS Lambda does with a function's role to put it into a VPC. These actions know no resource that could
 * be named beforehand.
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
 * What all functions share. The role is made here and not by CDK: its own log group and nothing else, where
 * the managed policy allows every log group.
 *
 * @internal
 */
export function handlerOptions(scope: Construct, network: NetworkOptions = {}): HandlerOptions {
  const logGroup = new LogGroup(scope, 'Logs', {
    retention: RetentionDays.THREE_MONTHS,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const role = new Role(scope, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  role.addToPolicy(
    new PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    }),
  );
  if (network.vpc !== undefined) allowNetwork(role);
  return { architecture: Architecture.ARM_64, logGroup, role, tracing: Tracing.DISABLED, ...network };
}

/**
 * For AWS Lambda itself, and not for the code that runs in the function: the managed policy would let both do
 * it, and write to every log group.
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
 * An alarm on any error of a function.
 *
 * @internal
 */
export function errorAlarm(scope: Construct, handler: IFunction): Alarm {
  const metric = handler.metricErrors({ period: Duration.minutes(5) });
  return anyAlarm(
    scope,
    'Errors',
    metric,
    `The function ${handler.node.path} fails. Its log says why, on the lines with level ERROR.`,
  );
}
