import {
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
  TrailNotFoundException,
  type AdvancedEventSelector,
  type CloudTrailClient,
  type EventSelector,
} from '@aws-sdk/client-cloudtrail';
import { isDenied } from './aws-error';
import type { ManagementEvents, Trail } from '../../src/core/doctor/trail';

/**
 * The trails of AWS CloudTrail that cover a region, those of other regions and of the organization too.
 *
 * @param clientOf a client of the region that is asked, or of another one
 */
export async function trailsOf(
  clientOf: (region?: string) => CloudTrailClient,
  account: string,
): Promise<Trail[]> {
  const { trailList = [] } = await clientOf().send(new DescribeTrailsCommand({ includeShadowTrails: true }));
  return Promise.all(
    trailList.map(async ({ TrailARN: arn, Name: name, HomeRegion: region }) => {
      const client = clientOf(region); // only its own region knows what a trail selects
      const { IsLogging } = await client.send(new GetTrailStatusCommand({ Name: arn }));
      const isForeign = arn!.split(':')[4] !== account;
      return {
        name: name!,
        isLogging: IsLogging === true,
        management: await managementEvents(client, arn!, isForeign),
      };
    }),
  );
}

/** A member of an organization sees its trail, and may not see what it selects. */
async function managementEvents(
  client: CloudTrailClient,
  arn: string,
  isForeign: boolean,
): Promise<ManagementEvents | undefined> {
  try {
    const selected = await client.send(new GetEventSelectorsCommand({ TrailName: arn }));
    return (
      ofAdvanced(selected.AdvancedEventSelectors ?? []) ?? ofBasic(selected.EventSelectors ?? []) ?? LOGS_NONE
    );
  } catch (error) {
    if (isForeign && (isDenied(error) || error instanceof TrailNotFoundException)) return undefined;
    throw error;
  }
}

const LOGS_NONE: ManagementEvents = { writes: false, without: [], filteredBy: [] };

function ofBasic(selectors: readonly EventSelector[]): ManagementEvents | undefined {
  const logged = selectors
    .filter(({ IncludeManagementEvents: included }) => included !== false)
    .filter(({ ReadWriteType: kind }) => kind !== 'ReadOnly')
    .map(({ ExcludeManagementEventSources: without = [] }) => ({ writes: true, without, filteredBy: [] }));
  return widest(logged);
}

const UNDERSTOOD: readonly (string | undefined)[] = ['eventCategory', 'readOnly', 'eventSource'];

function ofAdvanced(selectors: readonly AdvancedEventSelector[]): ManagementEvents | undefined {
  const logged = selectors.flatMap(({ FieldSelectors: fields = [] }) => {
    const field = (name: string) => fields.find(({ Field }) => Field === name);
    const isManagement = field('eventCategory')?.Equals?.includes('Management') === true;
    if (!isManagement || field('readOnly')?.Equals?.includes('true') === true) return [];
    const source = field('eventSource');
    const onlySome = source !== undefined && source.NotEquals === undefined;
    const others = fields.flatMap(({ Field }) => (UNDERSTOOD.includes(Field) ? [] : [Field!]));
    return [
      {
        writes: true,
        without: source?.NotEquals ?? [],
        filteredBy: onlySome ? ['eventSource', ...others] : others,
      },
    ];
  });
  return widest(logged);
}

/** What leaves out the least. Two selectors that leave out different things are not added up. */
function widest(logged: readonly ManagementEvents[]): ManagementEvents | undefined {
  const leftOut = ({ without, filteredBy }: ManagementEvents) => without.length + filteredBy.length;
  return [...logged].sort((a, b) => leftOut(a) - leftOut(b))[0];
}
