import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { TrustedRepository, type TrustedRepositoryProps } from '../../src';
import { newStack } from '../support/synthesise';

function repository(props?: TrustedRepositoryProps): Template {
  const stack = newStack();
  new TrustedRepository(stack, 'App', props);
  return Template.fromStack(stack);
}

const rulesOf = (template: Template): any[] =>
  Object.values(template.findResources('AWS::ECR::Repository')).flatMap(
    ({ Properties }) => JSON.parse(Properties.LifecyclePolicy.LifecyclePolicyText).rules,
  );

describe('by default', () => {
  const template = repository();

  test('it is one resource', () => {
    expect(Object.keys(template.toJSON().Resources)).toHaveLength(1);
  });

  test('tags cannot be moved, but those that cosign moves; images are encrypted with KMS; it stays when the stack goes', () => {
    template.hasResource('AWS::ECR::Repository', {
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: {
        RepositoryName: Match.absent(),
        ImageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
        ImageTagMutabilityExclusionFilters: ['sha256-*.sig', 'sha256-*.att', 'sha256-*.sbom'].map(value => ({
          ImageTagMutabilityExclusionFilterType: 'WILDCARD',
          ImageTagMutabilityExclusionFilterValue: value,
        })),
        EncryptionConfiguration: { EncryptionType: 'KMS' },
        EmptyOnDelete: false,
      },
    });
  });

  test('signatures have rules of their own, and nothing is deleted: bundles have no tag', () => {
    const rules = rulesOf(template);
    expect(rules.map(({ selection }) => selection)).toEqual(
      ['sha256-*.sig', 'sha256-*.att', 'sha256-*.sbom'].map(pattern => ({
        tagStatus: 'tagged',
        tagPatternList: [pattern],
        countType: 'imageCountMoreThan',
        countNumber: 100_000,
      })),
    );
    expect(rules.map(({ rulePriority }) => rulePriority)).toEqual([1, 2, 3]);
  });
});

test('a name, a key and an expiry of your own', () => {
  const stack = newStack();
  new TrustedRepository(stack, 'App', {
    repositoryName: 'team/app',
    encryptionKey: Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:123456789012:key/mine'),
    untaggedExpiry: Duration.days(1),
  });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::ECR::Repository', {
    RepositoryName: 'team/app',
    EncryptionConfiguration: { EncryptionType: 'KMS', KmsKey: 'arn:aws:kms:eu-west-1:123456789012:key/mine' },
  });
  expect(rulesOf(template).at(-1)).toMatchObject({
    rulePriority: 4, // after those of signatures
    selection: { tagStatus: 'untagged', countType: 'sinceImagePushed', countNumber: 1, countUnit: 'days' },
  });
});

test('DESTROY takes its images with it', () => {
  repository({ removalPolicy: RemovalPolicy.DESTROY }).hasResource('AWS::ECR::Repository', {
    DeletionPolicy: 'Delete',
    Properties: { EmptyOnDelete: true },
  });
});
