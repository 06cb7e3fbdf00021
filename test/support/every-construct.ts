import { App, Stack } from 'aws-cdk-lib';
import { Vpc, type IVpc } from 'aws-cdk-lib/aws-ec2';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Role } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { FAST } from './synthesise';
import {
  CloudFormationGate,
  EcsDeploymentGate,
  Enforcement,
  ImageArchive,
  ImagePolicy,
  ImagesDashboard,
  ImageTrust,
  ImageTrustForwarder,
  Importer,
  PipelineGate,
  PolicyRule,
  PullThroughCache,
  RegoSource,
  RepositorySelector,
  RevocationBrake,
  RevocationWatcher,
  RunWatcher,
  ScannerImage,
  SecurityHubFindings,
  SignatureWithdrawal,
  TrustedImage,
  TrustedRepository,
  VulnerabilityDatabase,
  type IImageTrust,
  type NetworkOptions,
} from '../../src';

const ENV = { account: '111122223333', region: 'eu-west-1' };
const KEY = `arn:aws:kms:${ENV.region}:${ENV.account}:key/00000000-0000-4000-8000-000000000000`;

/**
 * An app with each construct of the package, and each option that makes a resource: the stacks `Trust`,
 * `Team` with gates, `Other` that imports the trust, and `Pushes` of another account.
 */
export function everyConstruct({ inNetwork }: { readonly inNetwork: boolean }): App {
  const app = new App({ context: FAST, analyticsReporting: false, treeMetadata: false });
  const stack = new Stack(app, 'Trust', { env: ENV });
  const network = inNetwork ? { vpc: someVpc(stack) } : undefined;
  addGates(new Stack(app, 'Team', { env: ENV }), wholeTrust(stack, network));

  const other = new Stack(app, 'Other', { env: ENV });
  const signingKeys = [{ keyArn: KEY }];
  addGates(
    other,
    ImageTrust.fromParameters(other, 'Imported', { publishedAs: 'platform', signingKeys, network }),
  );

  const pushes = new Stack(app, 'Pushes', { env: { ...ENV, account: '222222222222' } });
  new ImageTrustForwarder(pushes, 'Forwarder', {
    forwardingBusArn: `arn:aws:events:${ENV.region}:${ENV.account}:event-bus/pushes`,
    repositories: [Repository.fromRepositoryName(pushes, 'App', 'app')],
  });
  return app;
}

/** It is another stack's: what is found in it is its author's. */
function someVpc(stack: Stack): IVpc {
  return Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-00000000000000000',
    availabilityZones: [`${ENV.region}a`],
    privateSubnetIds: ['subnet-00000000000000000'],
  });
}

function wholeTrust(stack: Stack, network: NetworkOptions | undefined): ImageTrust {
  const repositories = [
    RepositorySelector.prefix('team/'),
    RepositorySelector.name('app').inAccount('222222222222'),
  ];
  const cache = new PullThroughCache(stack, 'Cache');
  const rego = Bucket.fromBucketName(stack, 'Policies', 'policies-of-a-team');
  const trust = new ImageTrust(stack, 'Trust', {
    repositories,
    network,
    scannerImage: ScannerImage.fromPullThroughCache(cache),
    database: VulnerabilityDatabase.fromPullThroughCache(cache),
    policy: ImagePolicy.standard().plus(PolicyRule.rego(RegoSource.fromBucket(rego, 'rego/'))),
    revocationBrake: RevocationBrake.above(20),
    publishedAs: 'platform',
    importers: [Importer.account('333333333333'), Importer.organization('o-1234567890')],
  });
  trust.breakGlass.grantBreakGlass(Role.fromRoleName(stack, 'OnCall', 'on-call'));
  new TrustedRepository(stack, 'Repository', { repositoryName: 'team/app' });
  const { register, events, alerts, signer } = trust;
  new RevocationWatcher(stack, 'Revocations', { register, events, alerts });
  new SecurityHubFindings(stack, 'Hub', { register, events, alerts });
  new SignatureWithdrawal(stack, 'Withdrawal', { signer, register, events, alerts });
  new ImageArchive(stack, 'Archive', { repositories: repositories.slice(0, 1), register, events, alerts });
  new ImagesDashboard(stack, 'Dashboard', { trust });
  return trust;
}

function addGates(stack: Stack, trust: IImageTrust): void {
  const repository = Repository.fromRepositoryName(stack, 'App', 'team/app');
  TrustedImage.fromTag(stack, 'Image', { trust, repository, tag: 'v1' });
  new CloudFormationGate(stack, 'Changes', { trust, enforcement: Enforcement.refuse() });
  new EcsDeploymentGate(stack, 'Services', { trust });
  new PipelineGate(stack, 'Pipelines', { trust });
  new RunWatcher(stack, 'Runs', { trust });
}
