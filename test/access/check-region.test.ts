import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { regionsWithout } from '../../local/tools/regions-without';
import { EmergencyAccess, ImageTrust, RepositorySelector } from '../../src';
import { REGIONS_WITHOUT } from '../../src/core/regions-without';
import { newStack } from '../support/synthesise';

function trustIn(region: string) {
  const stack = newStack({}, { env: { account: '111122223333', region } });
  const trust = new ImageTrust(stack, 'Trust', {
    repositories: [RepositorySelector.prefix('team/')],
    emergencyAccess: EmergencyAccess.NONE,
  });
  return { stack, trust };
}

test.each([
  ['us-gov-west-1', 'aws-us-gov', /function URLs .*; Lambda hooks .*CloudFormationGate/],
  ['us-gov-east-1', 'aws-us-gov', /function URLs .*; Lambda hooks /],
  ['cn-north-1', 'aws-cn', /missing there: Lambda hooks /],
  ['cn-northwest-1', 'aws-cn', /function URLs .*; Lambda hooks /],
])('%s is an error at synthesis that names what is missing there', (region, partition, missing) => {
  expect(() => trustIn(region)).toThrow(
    `Test/Trust is in a stack of the region ${region}, in the partition ${partition}, allowed: a region of the partition aws; missing there: `,
  );
  expect(() => trustIn(region)).toThrow(missing);
});

test.each([
  ['ca-west-1', true],
  ['mx-central-1', true],
  ['eu-west-1', false],
])('%s: a warning where CodeBuild is in no published schema: %s', (region, isWarned) => {
  const { stack } = trustIn(region);
  const found = Annotations.fromStack(stack).findWarning(
    '*',
    Match.stringLikeRegexp('no schema of AWS CodeBuild'),
  );
  expect(found).toHaveLength(isWarned ? 1 : 0);
});

test('a stack that knows no region is not judged', () => {
  const stack = newStack();
  expect(
    () => new ImageTrust(stack, 'Trust', { repositories: [RepositorySelector.prefix('team/')] }),
  ).not.toThrow();
});

test('the list is what the script writes from the schemas that cfn-lint has', async () => {
  expect(REGIONS_WITHOUT).toEqual(await regionsWithout());
}, 300_000);
