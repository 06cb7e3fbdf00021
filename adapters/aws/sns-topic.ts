import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { AlertTopics, type AlertFormat } from '../../src/core/alerts/alert-topics';

interface SnsMessage {
  readonly subject: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export class SnsTopic {
  /** Each topic that a document names. Throws if it is not one of the template. */
  public static all(document: string): SnsTopic[] {
    return AlertTopics.parse(JSON.parse(document)).map(({ arn, format }) => new SnsTopic(arn, format));
  }

  private constructor(
    public readonly arn: string,
    public readonly format: AlertFormat,
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
