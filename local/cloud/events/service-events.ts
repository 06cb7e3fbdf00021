import { setTimeout as sleep } from 'node:timers/promises';
import { StartBuildInput } from '@aws-sdk/client-codebuild';
import { Rule, Target } from '@aws-sdk/client-eventbridge';
import { AwsClients } from '../aws-clients';
import { messageOf, Say } from '../say';
import { targetInput } from './input-transformer';
import { EventDraft, ServiceEvent, serviceEvent } from './service-event';
import { queueUrl, sendToTarget } from './targets';

const KEPT = 1000;
const MOST_RETRIES = 3;

export interface ServiceEventsOptions {
  readonly aws: AwsClients;
  readonly account: string;
  readonly region: string;
  readonly say: Say;
  startBuild(request: StartBuildInput, rule: Rule): Promise<void>;
}

/** A loss that a test requested: the next `times` events that match the pattern are not delivered. */
interface Loss {
  readonly pattern: string;
  times: number;
}

/**
 * EventBridge for the events of AWS services only. MiniStack, like AWS, takes no `aws.*` source in PutEvents;
 * so what it would do with such an event is done here, through its public API, rule by rule.
 */
export class ServiceEvents {
  public readonly sent: ServiceEvent[] = [];
  public readonly lost: ServiceEvent[] = [];
  private losses: Loss[] = [];

  constructor(private readonly options: ServiceEventsOptions) {}

  /** Resolves when every target was tried. */
  public async publish(draft: EventDraft): Promise<ServiceEvent> {
    const event = serviceEvent(draft, this.options);
    const isLost = await this.isLost(event);
    remember(isLost ? this.lost : this.sent, event);
    this.options.say(
      `event: ${isLost ? 'lost ' : ''}${event.source} ${event['detail-type']} ${JSON.stringify(event.detail).slice(0, 240)}`,
    );
    if (!isLost) await this.dispatch('default', event, []);
    return event;
  }

  /** For callers that do not wait for the event on AWS. */
  public publishLater(draft: EventDraft): void {
    this.publish(draft).catch((error: unknown) =>
      this.options.say(`event: ${draft.detailType} failed: ${messageOf(error)}`),
    );
  }

  /** Delivers an event that was sent or lost before once more, unchanged. */
  public async replay(id: string): Promise<ServiceEvent> {
    const event = [...this.sent, ...this.lost].find(each => each.id === id);
    if (event === undefined) throw new Error(`no event ${id} was sent; see GET /_local/events`);
    await this.dispatch('default', event, []);
    return event;
  }

  /** The losses that are still pending. */
  public lose(pattern: object, times: number): readonly Loss[] {
    this.losses.push({ pattern: JSON.stringify(pattern), times });
    return this.losses;
  }

  public loseNoMore(): void {
    this.losses = [];
  }

  private async isLost(event: ServiceEvent): Promise<boolean> {
    for (const loss of this.losses.filter(each => each.times > 0)) {
      if (!(await this.matches(loss.pattern, event))) continue;
      loss.times--;
      return true;
    }
    return false;
  }

  private async matches(pattern: string, event: ServiceEvent): Promise<boolean> {
    const { Result } = await this.options.aws.events.testEventPattern({
      EventPattern: pattern,
      Event: JSON.stringify(event),
    });
    return Result === true;
  }

  /**
   * `passed` holds the rules that the event already came through, so that buses cannot send it in a circle.
   */
  private async dispatch(bus: string, event: ServiceEvent, passed: readonly string[]): Promise<void> {
    const { events } = this.options.aws;
    let NextToken: string | undefined;
    do {
      const page = await events.listRules({ EventBusName: bus, NextToken });
      NextToken = page.NextToken;
      for (const rule of page.Rules ?? []) {
        if (rule.State !== 'ENABLED' || rule.EventPattern === undefined || passed.includes(rule.Arn!)) {
          continue;
        }
        if (!(await this.matches(rule.EventPattern, event))) continue;
        const { Targets: targets = [] } = await events.listTargetsByRule({
          Rule: rule.Name,
          EventBusName: bus,
        });
        await Promise.all(targets.map(target => this.deliver(target, rule, event, [...passed, rule.Arn!])));
      }
    } while (NextToken !== undefined);
  }

  private async deliver(
    target: Target,
    rule: Rule,
    event: ServiceEvent,
    passed: readonly string[],
  ): Promise<void> {
    const { aws, say, startBuild } = this.options;
    const retries = Math.min(target.RetryPolicy?.MaximumRetryAttempts ?? MOST_RETRIES, MOST_RETRIES);
    for (let attempt = 0; ; attempt++) {
      try {
        await sendToTarget(target, targetInput(target, rule, event), {
          aws,
          startBuild: request => startBuild(request, rule),
          sendToBus: bus => this.dispatch(bus, event, passed),
        });
        return;
      } catch (error) {
        say(`event: rule ${rule.Name} could not reach ${target.Arn}: ${messageOf(error)}`);
        if (attempt === retries) return this.bury(target, rule, event, error, attempt);
        await sleep(250 * 2 ** attempt);
      }
    }
  }

  /** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html */
  private async bury(
    target: Target,
    rule: Rule,
    event: ServiceEvent,
    error: unknown,
    retries: number,
  ): Promise<void> {
    const { aws, say } = this.options;
    const arn = target.DeadLetterConfig?.Arn;
    if (arn === undefined) return;
    const attribute = (text: string | undefined) => ({ DataType: 'String', StringValue: text ?? 'unknown' });
    await aws.sqs
      .sendMessage({
        QueueUrl: await queueUrl(aws, arn),
        MessageBody: JSON.stringify(event),
        MessageAttributes: {
          RULE_ARN: attribute(rule.Arn),
          TARGET_ARN: attribute(target.Arn),
          ERROR_CODE: attribute(error instanceof Error ? error.name : undefined),
          ERROR_MESSAGE: attribute(messageOf(error)),
          RETRY_ATTEMPTS: attribute(String(retries)),
        },
      })
      .catch((failure: unknown) =>
        say(`event: dead-letter queue ${arn} could not be reached: ${messageOf(failure)}`),
      );
  }
}

function remember(events: ServiceEvent[], event: ServiceEvent): void {
  events.push(event);
  if (events.length > KEPT) events.shift();
}
