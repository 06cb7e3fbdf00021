import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { AlertFormat } from '../core/alerts/alert-topics';

/**
 * A topic that alerts and alarms go to, and the format of the alerts. Alarms are written by CloudWatch.
 *
 * The policy of a topic of your own is extended so that CloudWatch may publish the alarms. The policy of an
 * imported topic, and of the key of any topic of yours, must allow it: `cloudwatch.amazonaws.com` needs
 * `sns:Publish`, and `kms:Decrypt` and `kms:GenerateDataKey`.
 */
export class AlertTopic {
  /**
   * Plain text, for people and e-mail.
   *
   * @param topic an existing topic. Without it, a new topic with a key of its own is created
   */
  public static text(topic?: ITopic): AlertTopic {
    return new AlertTopic('TEXT', topic);
  }

  /**
   * Custom notifications for Amazon Q Developer in chat applications (Slack, Microsoft Teams). They are JSON,
   * so an e-mail subscription to the topic is an error at synthesis.
   *
   * @param topic an existing topic. Without it, a new topic with a key of its own is created
   * @see https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
   */
  public static chat(topic?: ITopic): AlertTopic {
    return new AlertTopic('CHAT', topic);
  }

  private constructor(
    private readonly format: AlertFormat,
    private readonly topic: ITopic | undefined,
  ) {}

  /** Its format, and the topic if it is an existing one. @internal */
  public _parts(): { readonly format: AlertFormat; readonly topic: ITopic | undefined } {
    return { format: this.format, topic: this.topic };
  }
}
