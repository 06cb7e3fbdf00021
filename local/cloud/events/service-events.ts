import { setTimeout as sleep } from 'node:timers/promises';
import { StartBuildInput } from '@aws-sdk/client-codebuild';
import { Rule, Target } from '@aws-sdk/client-eventbridge';
import { busName, eventBus } from '../accounts/foreign-resource';
import { whyNotLetIn } from '../accounts/let-in';
import { Place, Places } from '../accounts/places';
import { mayPrincipal } from '../rights';
import { messageOf, Say } from '../say';
import { targetInput } from './input-transformer';
import { EventDraft, ServiceEvent, serviceEvent } from './service-event';
import { queueUrl, sendToTarget } from './targets';

const KEPT = 1000;
const MOST_RETRIES = 3;

export interface ServiceEventsOptions {
  readonly places: Places;
  readonly home: Place;
  readonly say: Say;
  startBuild(request: StartBuildInput, rule: Rule): Promise<void>;
}

/** A loss that a test requested: the next `times` events that match the pattern are not delivered. */
interface Loss {
  readonly pattern: string;
  times: number;
}

/** An event, and the account and region on whose default bus it came. */
interface Arrival {
  readonly event: ServiceEvent;
  readonly place: Place;
}

interface Bus {
  readonly bus: string;
  readonly place: Place;
}

interface PlacedRule {
  readonly rule: Rule;
  readonly place: Place;
}

const PUT_EVENTS = 'events:PutEvents';

/** Its name is the ERROR_CODE of a dead letter. */
class NoPermission extends Error {
  public override readonly name = 'NO_PERMISSIONS';
}

/**
 * EventBridge for the events of AWS services only. MiniStack, like AWS, takes no `aws.*` source in PutEvents;
 * so what it would do with such an event is done here, through its public API, rule by rule. Nor does
 * MiniStack know of buses of other accounts.
 */
export class ServiceEvents {
  private readonly sentOnes: Arrival[] = [];
  private readonly lostOnes: Arrival[] = [];
  private losses: Loss[] = [];

  constructor(private readonly options: ServiceEventsOptions) {}

  public get sent(): ServiceEvent[] {
    return this.sentOnes.map(({ event }) => event);
  }

  public get lost(): ServiceEvent[] {
    return this.lostOnes.map(({ event }) => event);
  }

  /** Resolves when every target was tried. */
  public async publish(draft: EventDraft, place = this.options.home): Promise<ServiceEvent> {
    const event = serviceEvent(draft, place);
    const isLost = await this.isLost(event);
    remember(isLost ? this.lostOnes : this.sentOnes, { event, place });
    this.options.say(
      `event: ${isLost ? 'lost ' : ''}${event.source} ${event['detail-type']} ${JSON.stringify(event.detail).slice(0, 240)}`,
    );
    if (!isLost) await this.dispatch({ bus: 'default', place }, event, []);
    return event;
  }

  /** For callers that do not wait for the event on AWS. */
  public publishLater(draft: EventDraft, place?: Place): void {
    this.publish(draft, place).catch((error: unknown) =>
      this.options.say(`event: ${draft.detailType} failed: ${messageOf(error)}`),
    );
  }

  /** Delivers an event that was sent or lost before once more, unchanged. */
  public async replay(id: string): Promise<ServiceEvent> {
    const arrival = [...this.sentOnes, ...this.lostOnes].find(({ event }) => event.id === id);
    if (arrival === undefined) throw new Error(`no event ${id} was sent; see GET /_local/events`);
    const { event, place } = arrival;
    await this.dispatch({ bus: 'default', place }, event, []);
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
    const { Result } = await this.options.places.in(this.options.home).events.testEventPattern({
      EventPattern: pattern,
      Event: JSON.stringify(event),
    });
    return Result === true;
  }

  /**
   * `passed` holds the rules that the event already came through, so that buses cannot send it in a circle.
   */
  private async dispatch({ bus, place }: Bus, event: ServiceEvent, passed: readonly string[]): Promise<void> {
    const { events } = this.options.places.in(place);
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
        await Promise.all(
          targets.map(target => this.deliver(target, { rule, place }, event, [...passed, rule.Arn!])),
        );
      }
    } while (NextToken !== undefined);
  }

  private async deliver(
    target: Target,
    { rule, place }: PlacedRule,
    event: ServiceEvent,
    passed: readonly string[],
  ): Promise<void> {
    const { places, say, startBuild } = this.options;
    const retries = Math.min(target.RetryPolicy?.MaximumRetryAttempts ?? MOST_RETRIES, MOST_RETRIES);
    for (let attempt = 0; ; attempt++) {
      try {
        await sendToTarget(target, targetInput(target, rule, event), {
          aws: places.in(place),
          startBuild: async request => {
            if (!places.isHome(place)) throw new Error(`no builds run in ${place.account}.${place.region}`);
            await startBuild(request, rule);
          },
          sendToBus: async arn => this.dispatch(await this.busOf(arn, target, place), event, passed),
        });
        return;
      } catch (error) {
        say(`event: rule ${rule.Name} could not reach ${target.Arn}: ${messageOf(error)}`);
        if (attempt === retries) return this.bury(target, { rule, place }, event, error, attempt);
        await sleep(250 * 2 ** attempt);
      }
    }
  }

  /** The bus of a target: one of another account lets the rule in, and the role of the target may send. */
  private async busOf(arn: string, { RoleArn }: Target, place: Place): Promise<Bus> {
    const { places } = this.options;
    const [, , , region, account] = arn.split(':') as [string, string, string, string, string];
    const owner = { account, region };
    if (account !== place.account) {
      const may = RoleArn !== undefined && mayPrincipal(RoleArn, PUT_EVENTS, arn, places.in(place));
      if (!(await may)) throw new NoPermission(`the role ${RoleArn} of the target may not send to ${arn}`);
      const why = await whyNotLetIn(eventBus(owner, arn, true), place.account, PUT_EVENTS, places);
      if (why !== undefined) throw new NoPermission(why);
    }
    return { bus: busName(arn), place: owner };
  }

  /** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html */
  private async bury(
    target: Target,
    { rule, place }: PlacedRule,
    event: ServiceEvent,
    error: unknown,
    retries: number,
  ): Promise<void> {
    const { places, say } = this.options;
    const aws = places.in(place);
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

function remember(arrivals: Arrival[], arrival: Arrival): void {
  arrivals.push(arrival);
  if (arrivals.length > KEPT) arrivals.shift();
}
