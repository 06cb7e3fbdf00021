import { ownName, type Check } from './check';

/** An event as a rule delivers it. */
export interface Overheard {
  readonly source: string;
  readonly 'detail-type': string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** One rule for all events of a service, and rules with the patterns that are to be checked. */
const RULES = {
  ecr: { source: ['aws.ecr'] },
  codebuild: { source: ['aws.codebuild'] },
  // what RepositorySelector.all() writes, and what only some events have
  'empty-prefix': {
    source: ['aws.ecr'],
    detail: {
      'action-type': ['PUSH', { exists: false }],
      'sync-status': ['SUCCESS', { exists: false }],
      'repository-name': [{ prefix: '' }],
    },
  },
} as const;
export type RuleName = keyof typeof RULES;

const RETENTION_SECONDS = '86400';

/** Events of the account from now on, each rule into a queue of its own. */
export async function listenToEverything(check: Check): Promise<void> {
  const { aws, cloud } = check;
  const { sqs, events } = aws;
  for (const [rule, pattern] of Object.entries(RULES)) {
    const name = ownName(check, rule);
    const arn = `arn:aws:sqs:${cloud.region}:${cloud.account}:${name}`;
    const statement = {
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: arn,
    };
    await sqs.createQueue({
      QueueName: name,
      Attributes: {
        Policy: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
        MessageRetentionPeriod: RETENTION_SECONDS,
      },
    });
    await events.putRule({ Name: name, EventPattern: JSON.stringify(pattern) });
    await events.putTargets({ Rule: name, Targets: [{ Id: 'queue', Arn: arn }] });
  }
}

const read = new WeakMap<Check, Map<RuleName, Promise<Overheard[]>>>();

/** What a rule delivered until it was asked for first. */
export function overheard(check: Check, rule: RuleName): Promise<Overheard[]> {
  const rules = read.get(check) ?? new Map<RuleName, Promise<Overheard[]>>();
  read.set(check, rules);
  const known = rules.get(rule) ?? readAll(check, rule);
  rules.set(rule, known);
  return known;
}

/** Seconds. Messages stay in the queue, so that a check that is resumed hears them too. */
const HIDDEN = 4;

/** Until there was nothing new for longer than another reader, who was ended, can have hidden something. */
async function readAll(check: Check, rule: RuleName): Promise<Overheard[]> {
  const { sqs } = check.aws;
  const { QueueUrl } = await sqs.getQueueUrl({ QueueName: ownName(check, rule) });
  const heard = new Map<string, Overheard>();
  for (let nothingNew = 0; nothingNew <= HIDDEN;) {
    const { Messages = [] } = await sqs.receiveMessage({
      QueueUrl,
      MaxNumberOfMessages: 10,
      VisibilityTimeout: HIDDEN,
      WaitTimeSeconds: 1,
    });
    nothingNew = Messages.some(({ MessageId }) => !heard.has(MessageId!)) ? 0 : nothingNew + 1;
    for (const { MessageId, Body } of Messages) heard.set(MessageId!, JSON.parse(Body!) as Overheard);
  }
  return [...heard.values()];
}
