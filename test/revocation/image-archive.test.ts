import { Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  BreakGlass,
  EmergencyAccess,
  ImageArchive,
  ImagesInUse,
  RepositorySelector,
  type ImageArchiveProps,
  type ImageTrustProps,
} from '../../src';
import { WITH_BREAK_GLASS } from '../gates/gated-stack';
import { environmentOf, rightsOf, roleStatements, trustStack } from '../support/synthesise';

function archiveStack(props: Partial<ImageArchiveProps> = {}, trustProps: Partial<ImageTrustProps> = {}) {
  const made = trustStack({ ...WITH_BREAK_GLASS, ...trustProps });
  const { register, events, alerts } = made.trust;
  const repositories = [RepositorySelector.prefix('team/')];
  new ImageArchive(made.stack, 'Archive', { repositories, register, events, alerts, ...props });
  return made;
}

const REPOSITORY = 'arn:Partition:ecr:Region:AccountId:repository/team/*';
const JOBS = 'Allow batch:DescribeJobDefinitions *';
const INVENTORY = [
  'Allow ecs:DescribeServices *',
  'Allow ecs:DescribeTaskDefinition *',
  'Allow ecs:DescribeTasks *',
  'Allow ecs:ListClusters *',
  'Allow ecs:ListServices *',
  'Allow ecs:ListTaskDefinitions *',
  'Allow ecs:ListTasks *',
];

test('rule 5.3, separation of duties: it may archive and restore, and neither delete nor push nor sign nor write the register', () => {
  const statements = roleStatements(archiveStack().template).get('ArchiveRole')!;
  expect(rightsOf(statements)).toEqual([
    JOBS,
    'Allow dynamodb:DeleteItem ArchiveSent',
    'Allow dynamodb:GetItem ArchiveSent',
    'Allow dynamodb:GetItem TrustRegister',
    'Allow dynamodb:PutItem ArchiveSent',
    'Allow dynamodb:Scan TrustBreakGlass',
    'Allow dynamodb:Scan TrustRegister',
    'Allow dynamodb:UpdateItem ArchiveSent',
    `Allow ecr:DescribeImages ${REPOSITORY}`,
    `Allow ecr:UpdateImageStorageClass ${REPOSITORY}`,
    ...INVENTORY,
    'Allow events:PutEvents TrustEvents',
    'Allow kms:Decrypt TrustAlertsKey',
    'Allow kms:GenerateDataKey TrustAlertsKey',
    'Allow lambda:GetFunction *',
    'Allow lambda:ListFunctions *',
    'Allow sns:Publish TrustAlertsTopic',
    'Allow sqs:SendMessage ArchiveWork',
    'Allow sqs:SendMessage ArchiveWorkDeadLetters',
  ]);
  expect(statements.filter(({ actions }) => actions.includes('events:PutEvents'))).toMatchObject([
    { condition: { StringEquals: { 'events:detail-type': ['Image Archived', 'Image Restored'] } } },
  ]);
});

test('whoever archives images in use does not list what runs or can be started', () => {
  const { template } = archiveStack({ imagesInUse: ImagesInUse.ARCHIVE, gracePeriod: Duration.days(30) });
  const rights = rightsOf(roleStatements(template).get('ArchiveRole')!);
  for (const right of [JOBS, ...INVENTORY]) expect(rights).not.toContain(right);
  expect(rights).toContain('Allow dynamodb:Scan TrustBreakGlass');
  expect(environmentOf(template, 'Archives refused images')).toMatchObject({
    IMAGES_IN_USE: 'ARCHIVE',
    ARCHIVE_GRACE_SECONDS: '2592000',
  });
});

test('it knows its repositories, and reads their tags only where a selector needs them', () => {
  const { template } = archiveStack();
  expect(environmentOf(template, 'Archives refused images')).toMatchObject({
    REPOSITORIES: '[{"by":"prefix","prefix":"team/"}]',
  });
  const tagged = archiveStack({ repositories: [RepositorySelector.tag('archived', 'yes')] }).template;
  const reads = (of: typeof template) =>
    rightsOf(roleStatements(of).get('ArchiveRole')!).filter(right => right.includes('ListTags'));
  expect(reads(template)).toEqual([]);
  expect(reads(tagged)).toEqual([
    expect.stringMatching(/^Allow ecr:ListTagsForResource arn:.*repository\/\*$/),
  ]);
});

test('it knows the grants of every break-glass of its register, whichever was made first', () => {
  const { stack, trust } = trustStack({ emergencyAccess: EmergencyAccess.NONE });
  const { register, events, alerts } = trust;
  new BreakGlass(stack, 'One', { register, events });
  const repositories = [RepositorySelector.prefix('team/')];
  new ImageArchive(stack, 'Archive', { repositories, register, events, alerts });
  new BreakGlass(stack, 'Two', { register, events });
  const template = Template.fromStack(stack);
  expect(environmentOf(template, 'Archives refused images').GRANTS_TABLE).toMatch(/^One.*,Two/);
  const scans = rightsOf(roleStatements(template).get('ArchiveRole')!).filter(right => /Scan/.test(right));
  expect(scans).toEqual(['One', 'TrustRegister', 'Two'].map(table => `Allow dynamodb:Scan ${table}`));
});

test('without break-glass there are no grants to read', () => {
  const { template } = archiveStack({}, { emergencyAccess: EmergencyAccess.NONE });
  expect(environmentOf(template, 'Archives refused images')).not.toHaveProperty('GRANTS_TABLE');
  const rights = rightsOf(roleStatements(template).get('ArchiveRole')!);
  expect(rights.filter(right => /Scan/.test(right))).toEqual(['Allow dynamodb:Scan TrustRegister']);
});

test('a restore waits behind no daily run', () => {
  const { template } = archiveStack();
  const mappings = Object.values(template.findResources('AWS::Lambda::EventSourceMapping'));
  const its = mappings.filter(({ Properties }) =>
    JSON.stringify(Properties.EventSourceArn).includes('ArchiveWork'),
  );
  expect(its).toMatchObject([{ Properties: { BatchSize: 1 } }]);
});

test('it looks once a day, and hears what may let an image pass again', () => {
  const { template } = archiveStack();
  expect(environmentOf(template, 'Archives refused images')).toMatchObject({
    IMAGES_IN_USE: 'KEEP',
    ARCHIVE_GRACE_SECONDS: '604800',
  });
  template.hasResourceProperties('AWS::Events::Rule', {
    ScheduleExpression: 'cron(0 5 * * ? *)',
    Targets: [{ Input: '{"daily":true}' }],
  });
  for (const [detailType, detail] of [
    ['Image Verdict', { outcome: ['PASS'], previousOutcome: ['FAIL'] }],
    ['Image Scan Failed', { cause: ['REPORT_OUTDATED'], standing: { outcome: ['FAIL'] } }],
  ]) {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { 'detail-type': [detailType], detail },
    });
  }
});

test.each([Duration.hours(1), Duration.days(366)])('a grace period of %s is refused', gracePeriod => {
  expect(() => archiveStack({ gracePeriod })).toThrow(
    /^gracePeriod of Test\/Archive is [\d.]+ days, allowed: 1 to 365; /,
  );
});
