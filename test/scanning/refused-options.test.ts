import { Duration, Token } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { manySelectors, scannerStack } from './scanner-stack';
import {
  PullThroughCache,
  RepositorySelector,
  ScanCompute,
  ScannerImage,
  VulnerabilityDatabase,
  type ImageScannerProps,
} from '../../src';
import { newStack } from '../support/synthesise';

/** What the constructor says to properties that it refuses. */
function refusal(props: Partial<ImageScannerProps>): () => unknown {
  return () => scannerStack(() => props);
}

/** The digest of the image that builds run in by default. */
function trivyIndex(): string {
  const [{ Properties }] = Object.values(scannerStack().template.findResources('AWS::CodeBuild::Project'));
  return /sha256:[0-9a-f]{64}$/.exec(Properties.Environment.Image)![0];
}

describe('what is refused', () => {
  const isolated = () => ({
    vpc: Vpc.fromVpcAttributes(newStack(), 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'] }),
  });

  test.each<[string, () => unknown, string]>([
    [
      'no selector',
      refusal({ repositories: [] }),
      'no repository is selected, allowed: at least one, for example RepositorySelector.prefix("team/")',
    ],
    [
      'more prefixes than an event pattern holds',
      refusal({ repositories: manySelectors(60) }),
      'the 60 repository selectors have 2271 characters in an event pattern and 3111 in an environment variable, allowed: 1700 and 2500; select them by a common prefix, or by a tag',
    ],
    [
      'more tags than an environment holds',
      refusal({
        repositories: Array.from({ length: 60 }, (_, index) =>
          RepositorySelector.tag('team', `number-${index}`),
        ),
      }),
      'the 60 repository selectors have 15 characters in an event pattern and',
    ],
    [
      'a timeout that is too short',
      refusal({ timeout: Duration.minutes(4) }),
      'timeout, which is how long a scan may take, is 4 minutes, allowed: 5 to 60 minutes, for example Duration.minutes(15)',
    ],
    [
      'a timeout that is too long',
      refusal({ timeout: Duration.minutes(61) }),
      'timeout, which is how long a scan may take, is 1 hour 1 minute, allowed: 5 to 60 minutes',
    ],
    [
      'a timeout that is too long on Lambda',
      refusal({ timeout: Duration.minutes(16), compute: ScanCompute.LAMBDA_10GB }),
      'timeout, which is how long a scan may take, is 16 minutes, allowed: 5 to 15 minutes',
    ],
    [
      'no scan at once',
      refusal({ concurrency: 0 }),
      'concurrency of the scans is 0, allowed: a whole number from 1 to 100, for example 5',
    ],
    [
      'too many at once',
      refusal({ concurrency: 101 }),
      'concurrency of the scans is 101, allowed: a whole number from 1 to 100, for example 5',
    ],
    [
      'half a scan',
      refusal({ concurrency: 1.5 }),
      'concurrency of the scans is 1.5, allowed: a whole number from 1 to 100, for example 5',
    ],
    [
      'not a number',
      refusal({ concurrency: NaN }),
      'concurrency of the scans is NaN, allowed: a whole number from 1 to 100, for example 5',
    ],
    [
      'more of one repository than of all',
      refusal({ concurrency: 3, concurrencyPerRepository: 4 }),
      'concurrencyPerRepository of the scans is 4, allowed: a whole number from 1 to 3, for example 3',
    ],
    [
      'none of one repository',
      refusal({ concurrencyPerRepository: 0 }),
      'concurrencyPerRepository of the scans is 0, allowed: a whole number from 1 to 10, for example 5',
    ],
    [
      'Lambda compute in a VPC',
      refusal({ compute: ScanCompute.LAMBDA_4GB, network: isolated() }),
      'scans on Lambda compute cannot run in a VPC: choose ScanCompute.SMALL or larger, or leave out network',
    ],
    [
      'Lambda compute with an image of a public registry',
      refusal({ compute: ScanCompute.LAMBDA_4GB }),
      'scans on Lambda compute cannot pull the scanner image from a public registry: use ScannerImage.fromPullThroughCache() or ScannerImage.fromEcrRepository(), or choose ScanCompute.SMALL or larger',
    ],
    [
      'Lambda compute with the index of Trivy',
      refusal({
        compute: ScanCompute.LAMBDA_4GB,
        scannerImage: ScannerImage.fromEcrRepository(
          Repository.fromRepositoryName(newStack(), 'Mirror', 'mirror/trivy'),
          trivyIndex(),
        ),
      }),
      'scans on Lambda compute cannot use the index of Trivy as the scanner image, because Lambda takes images of one platform only: name the digest of its image for linux/amd64, which "crane digest --platform linux/amd64" prints, or choose ScanCompute.SMALL or larger',
    ],
    [
      'Lambda compute with the index of Trivy through a cache',
      refusal({
        compute: ScanCompute.LAMBDA_4GB,
        scannerImage: ScannerImage.fromPullThroughCache(PullThroughCache.fromPrefix('ecr-public')),
      }),
      'scans on Lambda compute cannot use the index of Trivy as the scanner image',
    ],
    [
      'a mirror with a path',
      refusal({ registryMirrors: { 'docker.io': ['mirror.example.com/x'] } }),
      'the registry mirror "mirror.example.com/x" is not a host, allowed: <name> or <name>:<port>',
    ],
    [
      'a mirror that ends the quotes',
      refusal({ registryMirrors: { "docker.io'; id; '": ['x'] } }),
      'the registry mirror "docker.io\'; id; \'" is not a host',
    ],
    [
      'a scanner image by tag',
      () => ScannerImage.fromRegistry('aquasec/trivy:0.74.0'),
      'the scanner image "aquasec/trivy:0.74.0" is not pinned by digest, allowed: <registry>/<repository>@sha256:<64 hex>; look the digest up with "crane digest"',
    ],
    [
      'a scanner image by token',
      () => ScannerImage.fromRegistry(Token.asString({ Ref: 'Image' })),
      'is not pinned by digest',
    ],
    [
      'a digest of half the length',
      () => ScannerImage.fromEcrRepository(Repository.fromRepositoryName(newStack(), 'R', 'r'), 'sha256:abc'),
      'the digest "sha256:abc" of the scanner image is not a digest, allowed: sha256:<64 hex>',
    ],
    [
      'a database without a tag',
      () => VulnerabilityDatabase.fromRepositories({ java: ['registry.example.com/db'] }),
      'the database repository "registry.example.com/db" is not a reference, allowed: <registry>/<repository>:<tag> or @sha256:<64 hex>',
    ],
    [
      'a database that is a command',
      () => VulnerabilityDatabase.fromRepositories({ vulnerabilities: ['r.example.com/db:2 $(id)'] }),
      'is not a reference',
    ],
    [
      'a database by token',
      () =>
        VulnerabilityDatabase.fromRepositories({ vulnerabilities: [Token.asString({ Ref: 'Database' })] }),
      'a literal and not a token, because the text of the build is hashed at synthesis',
    ],
  ])('%s', (_what, act, message) => {
    expect(act).toThrow(message);
  });
});
