import { Stack } from 'aws-cdk-lib';
import type { Alarm, CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { IConstruct } from 'constructs';
import { warnAtSynthesis } from '../properties/warn-at-synthesis';

/**
 * Warns at synthesis of alarms that nobody hears. They are easily forgotten where parts are put together by
 * hand.
 *
 * @internal
 */
export function warnOfIdleAlarms(owner: IConstruct, alarms: () => Alarm[]): void {
  warnAtSynthesis(owner, 'cdk-trusted-images:alarmsWithoutAction', () => {
    const idle = alarms().filter(alarm => !hasAction(alarm));
    if (idle.length === 0) return undefined;
    return `${idle.length} alarms have no action, so nobody hears of them: ${idle.map(({ node }) => node.path).join(', ')}; pass each of its "alarms" to ImageAlerts.addAlarm(), or add an action of your own`;
  });
}

function hasAction(alarm: Alarm): boolean {
  const actions: unknown = Stack.of(alarm).resolve((alarm.node.defaultChild as CfnAlarm).alarmActions);
  return Array.isArray(actions) && actions.length > 0;
}
