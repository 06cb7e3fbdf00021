import { alarmReachesTopic } from './alarms';
import { eventsOfCache } from './caches';
import { regoDecides, regoTimes } from './rego';
import { clientsAs } from '../../local/cloud/assume-role';
import { quickstartOutputs } from '../../local/quickstart';
import { resourceOf } from '../stacks';
import { didNotHold, held, isAllowed, isDenied, notChecked, type Answer, type Numbered } from './numbered';
import { ownName, type Check } from '../check';
import { overheard } from '../overheard';
import { repositoryOf } from '../pushes';

export const DATA: readonly Numbered[] = [
  {
    number: 5,
    title: 'The bucket policy',
    parts: [
      {
        what: 'nobody but the evaluator writes a verdict: not the administrator',
        run: async ({ aws, cloud }) => {
          const { EvidenceBucketName: Bucket } = await quickstartOutputs(cloud);
          return isDenied('s3:PutObject by the administrator', () =>
            aws.s3.putObject({ Bucket, Key: 'verdicts/aws-check', Body: 'test', IfNoneMatch: '*' }),
          );
        },
      },
      {
        what: 'the evaluator writes once: not without `If-None-Match`',
        run: async check => {
          const [{ s3 }, Bucket] = await asEvaluator(check);
          return isDenied('s3:PutObject by the evaluator without If-None-Match', () =>
            s3.putObject({ Bucket, Key: `scans/${ownName(check)}-twice`, Body: 'test' }),
          );
        },
      },
      {
        what: 'the evaluator writes with `If-None-Match`',
        run: async check => {
          const [{ s3 }, Bucket] = await asEvaluator(check);
          const Key = `scans/${ownName(check)}-${Date.now()}`;
          return isAllowed('s3:PutObject by the evaluator with If-None-Match', () =>
            s3.putObject({ Bucket, Key, Body: 'test', IfNoneMatch: '*' }),
          );
        },
      },
      { what: 'the roles may do what they may', suite: 'roles' },
    ],
  },
  {
    number: 6,
    title: 'The table policy',
    parts: [
      {
        what: 'an administrator may not write the register',
        run: async ({ aws, cloud }) => {
          const { RegisterTableName: TableName } = await quickstartOutputs(cloud);
          return isDenied('dynamodb:PutItem by the administrator', () =>
            aws.dynamodb.putItem({ TableName, Item: { pk: { S: 'aws-check' } } }),
          );
        },
      },
    ],
  },
  {
    number: 8,
    title: 'The event bus',
    parts: [
      {
        what: 'an administrator may not publish',
        run: async check => {
          const bus = await resourceOf(check, 'AWS::Events::EventBus', 'TrustEvents');
          return isDenied('events:PutEvents by the administrator', async () => {
            const { FailedEntryCount = 0, Entries = [] } = await check.aws.events.putEvents({
              Entries: [{ EventBusName: bus, Source: 'trusted-images', DetailType: 'Check', Detail: '{}' }],
            });
            if (FailedEntryCount > 0) {
              throw new Error(`${Entries[0]?.ErrorCode}: ${Entries[0]?.ErrorMessage}`);
            }
          });
        },
      },
      { what: 'the evaluator and the signer may: their events were heard', suite: 'push-to-verdict' },
    ],
  },
  {
    number: 12,
    title: 'Event patterns',
    parts: [
      { what: 'an empty prefix, and a value beside `exists: false`', run: emptyPrefix },
      {
        what: 'which events a pull through a cache causes',
        withSecondApp: eventsOfCache,
      },
      {
        what: 'which events a replication causes',
        cannot: 'a replication is a setting of the whole registry, which the check does not change',
      },
    ],
  },
  {
    number: 18,
    title: '`dynamodb:LeadingKeys`',
    parts: [
      {
        what: "the publisher of policies reads its own row, and may not write the other publisher's",
        run: async check => {
          const role = await resourceOf(check, 'AWS::IAM::Role', 'TrustEvaluatorPolicyRole');
          const { dynamodb } = await clientsAs(check.cloud, check.aws, role);
          const TableName = await resourceOf(check, 'AWS::DynamoDB::GlobalTable', 'TrustPolicies');
          const own = await isAllowed('dynamodb:GetItem of its own row', () =>
            dynamodb.getItem({ TableName, Key: { policy: { S: 'current' } } }),
          );
          if (own.outcome !== 'held') return own;
          return isDenied('dynamodb:PutItem of the row of waivers', () =>
            dynamodb.putItem({ TableName, Item: { policy: { S: 'waivers' } } }),
          );
        },
      },
    ],
  },
  {
    number: 13,
    title: 'Alarms',
    parts: [
      {
        what: 'an alarm reaches the topic, which has a key of its own',
        withSecondApp: alarmReachesTopic,
      },
    ],
  },
  {
    number: 16,
    title: 'Waivers',
    parts: [
      { what: 'the file is read within minutes, and may be edited by its editors alone', suite: 'waivers' },
      {
        what: '`Object Deleted`, and 404 for a missing file',
        cannot: 'no test deletes the file of the quickstart',
      },
    ],
  },
  {
    number: 17,
    title: 'Rego in a bucket',
    parts: [
      {
        what: 'the same',
        cannot: 'its tests leave a bucket and trusts of fixed names, so they run on the embedded cloud only',
      },
    ],
  },
  {
    number: 15,
    title: 'The Rego engine',
    parts: [
      {
        what: 'a function finds it: one image passes a rule in Rego, and one is refused by it',
        withSecondApp: regoDecides,
      },
      { what: 'how long it takes', withSecondApp: regoTimes },
      {
        what: 'a report of 200,000 findings, and a policy that does not end',
        cannot: 'no image of the tests has such a report; `npm run bench` measures both on this machine',
      },
    ],
  },
];

async function asEvaluator(check: Check) {
  const { EvidenceBucketName } = await quickstartOutputs(check.cloud);
  const role = await resourceOf(check, 'AWS::IAM::Role', 'TrustEvaluatorRole');
  return [await clientsAs(check.cloud, check.aws, role), EvidenceBucketName] as const;
}

async function emptyPrefix(check: Check): Promise<Answer> {
  const heard = await overheard(check, 'empty-prefix');
  const ours = heard.filter(({ detail }) => detail['repository-name'] === repositoryOf(check));
  if (heard.length === 0 && Object.keys(check.file.state.pushed).length === 0) {
    return notChecked('nothing was pushed');
  }
  return ours.length > 0
    ? held(`${ours.length} events of the check's own pushes came through the pattern`)
    : didNotHold('no event came through the pattern');
}
