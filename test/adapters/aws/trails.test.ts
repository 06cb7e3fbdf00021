import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { trailsOf } from '../../../adapters/aws/trails';
import { AwsFault, AwsServices } from '../../support/aws-services';

/** The answers have the documented shape. */
const ACCOUNT = '111122223333';
const trailIn = (account: string) => `arn:aws:cloudtrail:eu-west-1:${account}:trail/all`;

let aws: AwsServices;
beforeEach(async () => {
  aws = await AwsServices.start();
});
afterEach(() => aws.stop());

/** One trail, and what it selects. */
function trails(selected: object, owner = ACCOUNT) {
  aws.answers = {
    DescribeTrails: () => ({ trailList: [{ Name: 'all', TrailARN: trailIn(owner) }] }),
    GetTrailStatus: () => ({ IsLogging: true }),
    GetEventSelectors: () => selected,
  };
  return trailsOf(() => new CloudTrailClient({ ...aws.options, maxAttempts: 1 }), ACCOUNT);
}

const ALL = { writes: true, without: [], filteredBy: [] };
const MANAGEMENT = { Field: 'eventCategory', Equals: ['Management'] };
const basic = (selector: object) => ({ EventSelectors: [selector] });
const advanced = (...fields: object[]) => ({ AdvancedEventSelectors: [{ FieldSelectors: fields }] });
const NONE = { writes: false, without: [], filteredBy: [] };

test.each<[string, object, object]>([
  ['all management events', basic({ ReadWriteType: 'All', IncludeManagementEvents: true }), ALL],
  ['those that write', basic({ ReadWriteType: 'WriteOnly', IncludeManagementEvents: true }), ALL],
  ['those that read', basic({ ReadWriteType: 'ReadOnly', IncludeManagementEvents: true }), NONE],
  ['data events only', basic({ ReadWriteType: 'All', IncludeManagementEvents: false }), NONE],
  [
    'all but AWS KMS',
    basic({
      ReadWriteType: 'All',
      IncludeManagementEvents: true,
      ExcludeManagementEventSources: ['kms.amazonaws.com'],
    }),
    { ...ALL, without: ['kms.amazonaws.com'] },
  ],
  ['all management events, by fields', advanced(MANAGEMENT), ALL],
  ['those that write, by fields', advanced(MANAGEMENT, { Field: 'readOnly', Equals: ['false'] }), ALL],
  ['those that read, by fields', advanced(MANAGEMENT, { Field: 'readOnly', Equals: ['true'] }), NONE],
  ['data events only, by fields', advanced({ Field: 'eventCategory', Equals: ['Data'] }), NONE],
  [
    'all but AWS KMS, by fields',
    advanced(MANAGEMENT, { Field: 'eventSource', NotEquals: ['kms.amazonaws.com'] }),
    { ...ALL, without: ['kms.amazonaws.com'] },
  ],
  [
    'one service, by fields',
    advanced(MANAGEMENT, { Field: 'eventSource', Equals: ['ec2.amazonaws.com'] }),
    { ...ALL, filteredBy: ['eventSource'] },
  ],
  [
    'some calls, by fields',
    advanced(MANAGEMENT, { Field: 'eventName', StartsWith: ['Create'] }),
    { ...ALL, filteredBy: ['eventName'] },
  ],
  [
    'all, beside a selector that leaves some out',
    {
      EventSelectors: [
        { ReadWriteType: 'WriteOnly', ExcludeManagementEventSources: ['kms.amazonaws.com'] },
        { ReadWriteType: 'All' },
      ],
    },
    ALL,
  ],
  ['nothing', {}, NONE],
])('a trail that logs %s', async (_, selected, management) => {
  expect(await trails(selected)).toEqual([{ name: 'all', isLogging: true, management }]);
  expect(aws.asked('GetTrailStatus')).toEqual([{ Name: trailIn(ACCOUNT) }]);
  expect(aws.asked('DescribeTrails')).toEqual([{ includeShadowTrails: true }]);
});

test('a trail of another region is asked for where it was made', async () => {
  aws.answers = {
    DescribeTrails: () => ({
      trailList: [{ Name: 'all', TrailARN: trailIn(ACCOUNT), HomeRegion: 'us-east-1' }],
    }),
    GetTrailStatus: () => ({ IsLogging: true }),
    GetEventSelectors: () => basic({ ReadWriteType: 'All' }),
  };
  const regions: (string | undefined)[] = [];
  await trailsOf(region => {
    regions.push(region);
    return new CloudTrailClient({ ...aws.options, maxAttempts: 1 });
  }, ACCOUNT);
  expect(regions).toEqual([undefined, 'us-east-1']);
});

const REFUSED = new AwsFault('AccessDeniedException', 'not authorized');

test('the trail of an organization may hide what it selects; one of this account may not', async () => {
  expect(await trails(REFUSED, '999988887777')).toEqual([
    { name: 'all', isLogging: true, management: undefined },
  ]);
  await expect(trails(REFUSED)).rejects.toThrow('not authorized');
});
