import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import {
  CloudFormationGate,
  EcsDeploymentGate,
  Enforcement,
  ImageArchive,
  ImagePolicy,
  ImageTrust,
  Importer,
  PipelineGate,
  PolicyRule,
  PullThroughCache,
  RegoSource,
  RepositorySelector,
  RevocationBrake,
  RevocationWatcher,
  RunWatcher,
  SecurityHubFindings,
  SignatureWithdrawal,
  VulnerabilityDatabase,
  WaiverSource,
  type ImageTrustProps,
} from '../../src';
import { tagged } from '../gates/gated-stack';
import { newStack, type TrustStack } from '../support/synthesise';

type Made = Pick<TrustStack, 'stack' | 'trust'>;

/** The apps whose rights are compared. Each construct of the package with a role or a policy is in one. */
export const APPS: Record<string, () => Template> = {
  'by default': () => Template.fromStack(made().stack),
  'with every option': withEveryOption,
  'with gates': withGates,
};

function made(props: (stack: Made['stack']) => Partial<ImageTrustProps> = () => ({})): Made {
  const stack = newStack({}, { env: { account: '123456789012', region: 'eu-west-1' } });
  const repositories = [RepositorySelector.prefix('team/')];
  const trust = new ImageTrust(stack, 'Trust', { repositories, ...props(stack) });
  return { stack, trust };
}

/** Whom an app names in an emergency is a role that it has. */
function nameOnCall({ stack, trust }: Made): void {
  const role = new Role(stack, 'OnCall', { assumedBy: new AccountRootPrincipal() });
  trust.breakGlass.grantBreakGlass(role);
  trust.breakGlass.grantRead(role);
  if (trust.evaluator._hasBrake) trust.evaluator.grantReleaseBrake(role);
}

function withEveryOption(): Template {
  const of = made(stack => {
    const rego = PolicyRule.rego(RegoSource.fromBucket(new Bucket(stack, 'Rules'), 'policies/'));
    return {
      network: { vpc: new Vpc(stack, 'Vpc') },
      repositories: [RepositorySelector.tag('scan', 'yes'), RepositorySelector.prefix('team/')],
      policy: ImagePolicy.of({ name: 'with-rego', rules: [rego] }),
      waivers: WaiverSource.fromFile(join(__dirname, 'waivers.yaml')),
      database: VulnerabilityDatabase.fromPullThroughCache(PullThroughCache.fromPrefix('ecr-public')),
      revocationBrake: RevocationBrake.above(20),
      importers: [Importer.account('210987654321'), Importer.organization('o-a1b2c3d4e5')],
      publishedAs: 'platform',
    };
  });
  nameOnCall(of);
  return Template.fromStack(of.stack);
}

function withGates(): Template {
  const of = made();
  const { stack, trust } = of;
  nameOnCall(of);
  tagged(stack, trust);
  new CloudFormationGate(stack, 'Hook', { trust, enforcement: Enforcement.audit() });
  new EcsDeploymentGate(stack, 'Ecs', { trust });
  new PipelineGate(stack, 'Pipeline', { trust });
  new RunWatcher(stack, 'Runs', { trust });
  const { register, events, alerts, signer } = trust;
  const repositories = [RepositorySelector.prefix('team/')];
  new RevocationWatcher(stack, 'Revocations', { register, events, alerts });
  new SecurityHubFindings(stack, 'Hub', { register, events, alerts });
  new SignatureWithdrawal(stack, 'Withdrawal', { signer, register, events, alerts });
  new ImageArchive(stack, 'Archive', { repositories, register, events, alerts });
  return Template.fromStack(stack);
}
