import { typeProperties } from '../template-properties';
import { Place, Places } from './places';
import { withPseudoParameters } from './pseudo-parameters';
import { ResourcePolicy } from './resource-policy';

interface BusPolicy {
  readonly EventBusName?: unknown;
  readonly Statement?: unknown;
}

/** The policy of an event bus, from the templates: MiniStack takes no policy of a bus in a template. */
export async function busPolicy(places: Places, owner: Place, bus: string): Promise<ResourcePolicy> {
  const policies = (await typeProperties(
    places.in(owner),
    'AWS::Events::EventBusPolicy',
  )) as readonly BusPolicy[];
  const statements = policies.filter(({ EventBusName }) => EventBusName === bus).map(each => each.Statement);
  return { Statement: withPseudoParameters(statements, owner) } as ResourcePolicy;
}
