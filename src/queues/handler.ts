import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Tracing, type FunctionOptions, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { NetworkOptions } from './network';

/**
 * What all functions share. The role is made here and not by CDK: its own log group and nothing else, where the managed policy allows every log group.
 *
 * @internal
 */
export function handlerOptions(scope: Construct, network: NetworkOptions = {}): FunctionOptions & { readonly role: Role } {
  const logGroup = new LogGroup(scope, 'Logs', { retention: RetentionDays.THREE_MONTHS, removalPolicy: RemovalPolicy.DESTROY });
  const role = new Role(scope, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  role.addToPolicy(new PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] }));
  if (network.vpc !== undefined) role.addManagedPolicy(ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSLambdaVPCAccessExecutionRole'));
  return { architecture: Architecture.ARM_64, logGroup, role, tracing: Tracing.DISABLED, ...network };
}

/**
 * An alarm on any error of a function.
 *
 * @internal
 */
export function errorAlarm(scope: Construct, handler: IFunction): Alarm {
  return new Alarm(scope, 'Errors', {
    alarmDescription: `The function ${handler.node.path} fails. Its log says why, on the lines with level ERROR.`,
    metric: handler.metricErrors({ period: Duration.minutes(5) }),
    threshold: 0,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: 1,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
}
