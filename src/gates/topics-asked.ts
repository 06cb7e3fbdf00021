import { Fn, Lazy, Stack } from 'aws-cdk-lib';
import type { Alarm, CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { TrustOutput } from './trust-outputs';
import type { ImageAlerts } from '../alerts/image-alerts';
import { ENCRYPT } from '../alerts/own-topic';
import { EnvironmentName } from '../core/environment';
import { topLevel } from '../trust/stacks';

/** How a gate sends alerts of its trust. */
export interface TopicsAsked {
  readonly environment: Record<string, string>;
  readonly addAlarm: (alarm: Alarm) => void;
  readonly grantSend: (handler: IGrantable) => void;
}

/**
 * The topics of a trust, as a gate names them. In another stack it reads them all by one output each for what
 * it needs, because there may be more or fewer of them whenever that is read.
 *
 * @internal
 */
export function topicsAsked(
  alerts: ImageAlerts,
  gate: IConstruct,
  read: (name: TrustOutput) => string,
): TopicsAsked {
  if (alerts.topics.length === 0 || topLevel(alerts) === topLevel(gate)) {
    return {
      environment: alerts._environment(gate),
      addAlarm: alarm => alerts.addAlarm(alarm),
      grantSend: handler => alerts._grantSend(handler),
    };
  }
  const list = (name: TrustOutput, others: readonly string[] = []) =>
    Fn.split(',', others.length === 0 ? read(name) : Fn.join(',', [read(name), ...others]));
  const isEncrypted = alerts.topics.some(({ masterKey }) => masterKey !== undefined);
  return {
    environment: { [EnvironmentName.alertTopics]: read(TrustOutput.alertTopics) },
    addAlarm: alarm => {
      const template = alarm.node.defaultChild as CfnAlarm;
      const added = template.alarmActions; // what an aspect of the app adds, later too
      template.alarmActions = Lazy.list({
        produce: () => {
          const others = (Stack.of(gate).resolve(added) as string[] | undefined) ?? [];
          return list(TrustOutput.alertTopicArns, others);
        },
      });
    },
    grantSend: ({ grantPrincipal }) => {
      // with an id, because the CDK would merge its resources into those of another statement
      const may = (actions: string[], name: TrustOutput) =>
        grantPrincipal.addToPrincipalPolicy(
          new PolicyStatement({ sid: name, actions, resources: list(name) }),
        );
      may(['sns:Publish'], TrustOutput.alertTopicArns);
      if (isEncrypted) may(ENCRYPT, TrustOutput.alertKeyArns);
    },
  };
}
