import {
  DescribeRuleCommand,
  ListTargetsByRuleCommand,
  ResourceNotFoundException,
  type EventBridgeClient,
} from '@aws-sdk/client-eventbridge';

/** Rules of Amazon EventBridge. */
export class EventRules {
  constructor(private readonly client: EventBridgeClient) {}

  /** A rule that is gone has no state and no targets. A rule has five targets at most: one page. */
  public async rule(name: string, bus: string | undefined): Promise<{ state?: string; targets: string[] }> {
    const on = bus === undefined ? {} : { EventBusName: bus };
    try {
      const { State } = await this.client.send(new DescribeRuleCommand({ Name: name, ...on }));
      const { Targets = [] } = await this.client.send(new ListTargetsByRuleCommand({ Rule: name, ...on }));
      return { state: State, targets: Targets.map(({ Id }) => Id!) };
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return { targets: [] };
      throw error;
    }
  }
}
