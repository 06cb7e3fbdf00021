import { setTimeout as sleep } from 'node:timers/promises';
import { didNotHold, held, leftOutHere, notChecked, type Answer } from './numbered';
import { stackResources } from '../../local/cloud/stack-resources';
import { ownName, type Check } from '../check';
import { secondNames } from '../second-app/names';

/** Seconds. */
const PATIENCE = { aws: 120, embedded: 3 };

/** An alarm is set by hand, and has to reach a queue by way of a topic that has a key of its own. */
export async function alarmReachesTopic(check: Check): Promise<Answer> {
  const { aws, cloud } = check;
  const { platform } = secondNames(cloud.mark.id);
  const names = (await stackResources(aws, platform))
    .filter(({ ResourceType }) => ResourceType === 'AWS::CloudWatch::Alarm')
    .map(({ PhysicalResourceId }) => PhysicalResourceId!);
  const { MetricAlarms = [] } = await aws.cloudwatch.describeAlarms({ AlarmNames: names });
  const alarm = MetricAlarms.find(({ AlarmActions = [] }) =>
    AlarmActions.some(each => each.includes(':sns:')),
  );
  if (alarm === undefined) return notChecked(`no alarm of ${platform} names a topic`);
  const topic = alarm.AlarmActions!.find(each => each.includes(':sns:'))!;
  const queue = await queueOf(check, topic);
  const { Attributes } = await aws.sns.getTopicAttributes({ TopicArn: topic });
  const key = Attributes?.KmsMasterKeyId ?? 'none of its own';
  await aws.cloudwatch.setAlarmState({
    AlarmName: alarm.AlarmName,
    StateValue: 'ALARM',
    StateReason: 'aws:check looks whether it is told',
  });
  const seconds = cloud.endpoint === undefined ? PATIENCE.aws : PATIENCE.embedded;
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(200)) {
    const { Messages = [] } = await aws.sqs.receiveMessage({ QueueUrl: queue, WaitTimeSeconds: 1 });
    const told = Messages.find(({ Body = '' }) => Body.includes(alarm.AlarmName!));
    if (told !== undefined) {
      return held(`a subscriber was told; the topic's key is ${key}`, JSON.parse(told.Body!));
    }
  }
  return cloud.endpoint === undefined
    ? didNotHold(`nobody was told within ${seconds} s, see the history of ${alarm.AlarmName}`)
    : leftOutHere(check, 'alarms, which do nothing there');
}

async function queueOf({ aws, cloud }: Check, topic: string): Promise<string> {
  const name = ownName({ cloud }, 'alarms');
  const arn = `arn:aws:sqs:${cloud.region}:${cloud.account}:${name}`;
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 'sns.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: arn,
    Condition: { ArnEquals: { 'aws:SourceArn': topic } },
  };
  const { QueueUrl } = await aws.sqs.createQueue({
    QueueName: name,
    Attributes: { Policy: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }) },
  });
  await aws.sns.subscribe({ TopicArn: topic, Protocol: 'sqs', Endpoint: arn }); // goes with the topic
  return QueueUrl!;
}
