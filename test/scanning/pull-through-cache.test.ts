import { Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { jobOf, scannerStack } from './scanner-stack';
import { VERSIONS } from '../../local/tools/versions';
import { ImagePolicy, PullThroughCache, ScanCompute, ScannerImage, VulnerabilityDatabase } from '../../src';
import { newStack, roleStatements, text, trustStack } from '../support/synthesise';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const ECR = 'arn:Partition:ecr:Region:AccountId:repository';
const RIGHTS = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:BatchGetImage',
  'ecr:GetDownloadUrlForLayer',
  'ecr:BatchImportUpstreamImage',
  'ecr:CreateRepository',
];

test('a cache is one rule, for Amazon ECR Public', () => {
  const stack = newStack();
  expect(new PullThroughCache(stack, 'Cache').prefix).toBe('ecr-public');
  new PullThroughCache(stack, 'Other', { prefix: 'caches/public' });
  const rules = Object.values(Template.fromStack(stack).findResources('AWS::ECR::PullThroughCacheRule'));
  expect(rules.map(({ Properties }) => Properties)).toEqual(
    ['ecr-public', 'caches/public'].map(prefix => ({
      EcrRepositoryPrefix: prefix,
      UpstreamRegistry: 'ecr-public',
      UpstreamRegistryUrl: 'public.ecr.aws',
    })),
  );
});

test('a cache that exists is named, and adds nothing', () => {
  const { template } = scannerStack(() => {
    const cache = PullThroughCache.fromPrefix('ecr-public');
    return {
      database: VulnerabilityDatabase.fromPullThroughCache(cache),
      scannerImage: ScannerImage.fromPullThroughCache(cache),
    };
  });
  template.resourceCountIs('AWS::ECR::PullThroughCacheRule', 0);
});

test.each(['a', 'x'.repeat(31), 'ecr-public/', 'ECR', 'ecr public', Token.asString({ Ref: 'Prefix' })])(
  'the prefix %j is refused',
  prefix => {
    const message = `the prefix ${JSON.stringify(prefix)} of the pull-through cache is not one, allowed: 2 to 30 lowercase letters, digits and ._-/`;
    expect(() => PullThroughCache.fromPrefix(prefix)).toThrow(message);
    expect(() => new PullThroughCache(newStack(), 'Cache', { prefix })).toThrow(message);
  },
);

describe('builds pull through it', () => {
  const { template } = scannerStack(stack => {
    const cache = new PullThroughCache(stack, 'Cache', { prefix: 'caches/public' });
    return {
      database: VulnerabilityDatabase.fromPullThroughCache(cache),
      scannerImage: ScannerImage.fromPullThroughCache(cache),
    };
  });
  const [{ Properties: project }] = Object.values(template.findResources('AWS::CodeBuild::Project')) as [any];

  test("both databases, from the account's own registry, and nowhere else", () => {
    const { vulnerabilities, java } = jobOf(template).download;
    expect([...vulnerabilities, ...java].filter(flag => /-repository=/.test(flag))).toEqual([
      '--db-repository={registry}/caches/public/aquasecurity/trivy-db:2',
      '--java-db-repository={registry}/caches/public/aquasecurity/trivy-java-db:1',
    ]);
  });

  test('the scanner image, by the digest that is pinned', () => {
    const [, digest] = /@(.*)$/.exec(publicImage())!;
    expect(text(project.Environment.Image)).toBe(
      `AccountId.dkr.ecr.Region.URLSuffix/caches/public/aquasecurity/trivy@${digest}`,
    );
    expect(project.Environment.ImagePullCredentialsType).toBe('SERVICE_ROLE');
  });

  test('reconcile pulls every tag, and may fill exactly these repositories', () => {
    const [{ Properties: reconcile }] = Object.values(
      template.findResources('AWS::Lambda::Function', {
        Properties: { Environment: { Variables: { CACHED_TAGS: Match.anyValue() } } },
      }),
    ) as [any];
    expect(JSON.parse(reconcile.Environment.Variables.CACHED_TAGS)).toEqual([
      { repository: 'caches/public/aquasecurity/trivy', tag: VERSIONS.trivy },
      { repository: 'caches/public/aquasecurity/trivy-db', tag: '2' },
      { repository: 'caches/public/aquasecurity/trivy-java-db', tag: '1' },
    ]);
    const statements = roleStatements(template)
      .get('ScannerReconcilerRole')!
      .filter(({ actions }) => actions.includes('ecr:BatchImportUpstreamImage'));
    expect(statements.map(({ effect, actions, resources }) => ({ effect, actions, resources }))).toEqual(
      ['trivy', 'trivy-db', 'trivy-java-db'].map(name => ({
        effect: 'Allow',
        actions: ['ecr:BatchGetImage', 'ecr:BatchImportUpstreamImage', 'ecr:CreateRepository'],
        resources: [`${ECR}/caches/public/aquasecurity/${name}`],
      })),
    );
  });

  test('the scan role may fill exactly these repositories', () => {
    const statements = roleStatements(template)
      .get('ScannerProjectRole')!
      .filter(({ actions }) => actions.includes('ecr:CreateRepository'));
    expect(statements.map(({ effect, actions, resources }) => ({ effect, actions, resources }))).toEqual(
      ['trivy', 'trivy-db', 'trivy-java-db'].map(name => ({
        effect: 'Allow',
        actions: RIGHTS,
        resources: [`${ECR}/caches/public/aquasecurity/${name}`],
      })),
    );
  });
});

test('on Lambda compute: the image for one platform', () => {
  const { template } = scannerStack(() => ({
    compute: ScanCompute.LAMBDA_4GB,
    scannerImage: ScannerImage.fromPullThroughCache(PullThroughCache.fromPrefix('ecr-public'), DIGEST),
  }));
  const [{ Properties: project }] = Object.values(template.findResources('AWS::CodeBuild::Project')) as [any];
  expect(text(project.Environment.Image)).toMatch(new RegExp(`/ecr-public/aquasecurity/trivy@${DIGEST}$`));
});

test('what is no digest is refused', () => {
  expect(() =>
    ScannerImage.fromPullThroughCache(PullThroughCache.fromPrefix('ecr-public'), '0.74.0'),
  ).toThrow('the digest "0.74.0" of the scanner image is not a digest, allowed: sha256:<64 hex>');
});

/** The scanner image by default. */
function publicImage(): string {
  const [{ Properties }] = Object.values(scannerStack().template.findResources('AWS::CodeBuild::Project'));
  return Properties.Environment.Image as string;
}

describe('the age of a database in a cache', () => {
  const warnings = (policy: ImagePolicy, database: VulnerabilityDatabase) =>
    Annotations.fromStack(trustStack({ policy, database }).stack)
      .findWarning('*', Match.stringLikeRegexp('DATABASE_STALE'))
      .map(({ entry }) => String(entry.data));
  const cached = () => VulnerabilityDatabase.fromPullThroughCache(PullThroughCache.fromPrefix('ecr-public'));

  test('a policy that allows less than it can be is warned of', () => {
    expect(warnings(ImagePolicy.strict(), cached())).toEqual([
      expect.stringContaining(
        'allows a vulnerability database of 24 hours, and in a pull-through cache it can be 30',
      ),
    ]);
  });

  test.each([
    ['a policy that allows more', ImagePolicy.standard(), cached()],
    ['public registries', ImagePolicy.strict(), VulnerabilityDatabase.publicRegistries()],
  ])('%s: nothing is said', (_, policy, database) => {
    expect(warnings(policy, database)).toEqual([]);
  });
});
