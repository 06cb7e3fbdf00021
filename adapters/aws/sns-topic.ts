import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';

interface SnsMessage {
  readonly subject: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export class SnsTopic {
  constructor(
    private readonly arn: string,
    private readonly client = new SNSClient({}),
  ) {}

  public async publish(message: SnsMessage): Promise<void> {
    await this.client.send(
      new PublishCommand({
        TopicArn: this.arn,
        Subject: message.subject,
        Message: message.body,
        MessageAttributes: Object.fromEntries(
          Object.entries(message.attributes).map(([name, StringValue]) => [
            name,
            { DataType: 'String', StringValue },
          ]),
        ),
      }),
    );
  }
}
