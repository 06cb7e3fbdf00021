import { DeploymentData, DeploymentProperties } from '../../../src/core/gates/deployment';
import { DIGEST, IMAGE, NOW } from '../support/made';

const PROPERTIES = { Account: '111122223333', Region: 'eu-west-1', Repository: 'team/app', Enforcement: 'REFUSE' };
const DATA = { Digest: DIGEST, Image: IMAGE, RequestedAt: NOW.toISOString(), Rollback: 'NO' };

describe('what the template says of an image', () => {
  test.each([{ Digest: DIGEST }, { Tag: 'v1' }])('by %j, with what CloudFormation puts beside', which => {
    expect(DeploymentProperties.parse({ ...PROPERTIES, ...which, ServiceToken: 'arn' })).toEqual({ ...PROPERTIES, ...which });
  });

  test.each<[string, object]>([
    ['a tag and a digest', { Tag: 'v1', Digest: DIGEST }],
    ['neither', {}],
    ['a digest that is none', { Digest: 'sha256:1' }],
    ['a tag as a digest', { Digest: 'v1' }],
    ['a tag that is no text', { Tag: 1 }],
    ['an enforcement of its own', { Tag: 'v1', Enforcement: 'NONE' }],
    ['no enforcement', { Tag: 'v1', Enforcement: undefined }],
    ['no repository', { Tag: 'v1', Repository: undefined }],
  ])('%s is refused (rule 5.7)', (_, changes) => {
    expect(DeploymentProperties.safeParse({ ...PROPERTIES, ...changes }).success).toBe(false);
  });
});

test.each<[string, object, boolean]>([
  ['what was handed over', {}, true],
  ['a stack on its way back', { Rollback: 'YES' }, true],
  ['no digest', { Digest: undefined }, false],
  ['no image', { Image: undefined }, false],
  ['a time that is none', { RequestedAt: 'now' }, false],
  ['a word of its own', { Rollback: 'yes' }, false],
  ['a boolean, which CloudFormation does not know', { Rollback: true }, false],
])('the function that waits: %s', (_, changes, reads) => {
  expect(DeploymentData.safeParse({ ...DATA, ...changes }).success).toBe(reads);
});
