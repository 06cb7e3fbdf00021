import { StartBuildInput } from '@aws-sdk/client-codebuild';
import { Target } from '@aws-sdk/client-eventbridge';
import { AwsClients } from '../aws-clients';

export interface TargetPorts {
  readonly aws: AwsClients;
  startBuild(request: StartBuildInput): Promise<void>;
  sendToBus(arn: string): Promise<void>;
}

export async function sendToTarget(
  target: Target,
  input: string,
  { aws, startBuild, sendToBus }: TargetPorts,
): Promise<void> {
  const [, , service, , , ...rest] = target.Arn!.split(':');
  const name = rest.join(':');
  switch (service) {
    case 'sqs':
      await aws.sqs.sendMessage({
        QueueUrl: await queueUrl(aws, target.Arn!),
        MessageBody: input,
        MessageGroupId: target.SqsParameters?.MessageGroupId,
      });
      return;
    case 'sns':
      await aws.sns.publish({ TopicArn: target.Arn, Message: input });
      return;
    case 'lambda':
      await aws.lambda.invoke({
        FunctionName: target.Arn,
        InvocationType: 'Event',
        Payload: Buffer.from(input),
      });
      return;
    case 'states':
      await aws.sfn.startExecution({ stateMachineArn: target.Arn, input });
      return;
    case 'codebuild':
      await startBuild({
        ...(JSON.parse(input) as Partial<StartBuildInput>),
        projectName: name.replace(/^project\//, ''),
      });
      return;
    case 'events':
      await sendToBus(target.Arn!);
      return;
    default:
      throw new Error(
        `a rule's target is of ${service}, which gets no service events here; use sqs, sns, lambda, states, codebuild or events`,
      );
  }
}

export async function queueUrl({ sqs }: Pick<AwsClients, 'sqs'>, arn: string): Promise<string> {
  const { QueueUrl } = await sqs.getQueueUrl({ QueueName: arn.split(':').at(-1) });
  return QueueUrl!;
}
