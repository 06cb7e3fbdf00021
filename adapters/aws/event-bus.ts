import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { BrakeEvent } from '../../src/core/events/brake-events';
import type { GrantEvent } from '../../src/core/events/grant-events';
import type { HoldEndedEvent } from '../../src/core/events/hold-events';
import { EVENT_SOURCE, type ImageEvent } from '../../src/core/events/image-events';
import type { RevocationEvent } from '../../src/core/events/revocation-events';
import type { WaiverEvent } from '../../src/core/events/waiver-events';

export class EventBus {
  constructor(
    private readonly name: string,
    private readonly client = new EventBridgeClient({}),
  ) {}

  public async publish({
    detailType,
    detail,
  }: ImageEvent | RevocationEvent | WaiverEvent | GrantEvent | BrakeEvent | HoldEndedEvent): Promise<void> {
    const { FailedEntryCount, Entries } = await this.client.send(
      new PutEventsCommand({
        Entries: [
          {
            EventBusName: this.name,
            Source: EVENT_SOURCE,
            DetailType: detailType,
            Detail: JSON.stringify(detail),
          },
        ],
      }),
    );
    if ((FailedEntryCount ?? 0) > 0) {
      throw new Error(
        `EventBridge did not take the event: ${Entries?.[0]?.ErrorCode} ${Entries?.[0]?.ErrorMessage}`,
      );
    }
  }
}
