import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { AccountRootPrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { TAKEN, type Changes } from './changes';
import {
  AlertTopic,
  DeploymentProbe,
  EcsDeploymentGate,
  EmergencyAccess,
  EvidenceBucket,
  FindingsStorage,
  ImageTrust,
  PipelineGate,
  RepositorySelector,
  SigningKey,
  TrustedImage,
} from '../../../../src';
import { named } from '../../../gates/gated-stack';

const { name, fails, ...changes } = JSON.parse(process.env.CHANGES ?? '{"name":"Former"}') as Changes;
const repository = name.toLowerCase();
const app = new App();

/** A trust in one stack, and gates of it in two others. */
const platform = new Stack(app, `${name}Platform`);
const trust = new ImageTrust(platform, 'Trust', {
  repositories: [RepositorySelector.prefix(`${repository}/`)],
  signing: { key: new SigningKey(platform, 'Key', { removalPolicy: RemovalPolicy.DESTROY }) },
  ...(changes.emergencyAccess !== undefined && { emergencyAccess: EmergencyAccess.NONE }),
  ...(changes.alertTopics !== undefined && {
    alertTopics: changes.alertTopics === 'none' ? [] : [AlertTopic.text(new Topic(platform, 'OtherTopic'))],
  }),
  ...(changes.findings !== undefined && { findings: FindingsStorage.NONE }),
  ...(changes.evidence !== undefined && {
    evidence: new EvidenceBucket(platform, 'OwnEvidence', { removalPolicy: RemovalPolicy.DESTROY }),
  }),
  ...(changes.deploymentProbe !== undefined && { deploymentProbe: DeploymentProbe.NONE }),
  removalPolicy: RemovalPolicy.DESTROY,
});
const onCall = new Role(platform, 'OnCall', { assumedBy: new AccountRootPrincipal() });
if (changes.emergencyAccess === undefined && changes.nobodyGrants === undefined) {
  trust.breakGlass.grantBreakGlass(onCall);
}
onCall.addToPolicy(
  new PolicyStatement({
    actions: ['DescribeStacks', 'GetTemplate', 'ListStackResources'].map(each => `cloudformation:${each}`),
    resources: ['*'],
  }),
);
new CfnOutput(platform, 'Register', { value: trust.register.table.tableName });

const [shop, billing] = ['Shop', 'Billing'].map(id => new Stack(app, `${name}${id}`)) as [Stack, Stack];
for (const stack of [shop, billing]) {
  const image = TrustedImage.fromTag(stack, 'Image', {
    trust,
    repository: named(stack, `${repository}/${stack === shop ? 'shop' : 'billing'}`),
    tag: 'v1',
  });
  new CfnOutput(stack, 'ImageUri', { value: image.imageUri });
}
if (changes.noEcsGate === undefined) new EcsDeploymentGate(shop, 'Ecs', { trust });
if (changes.billingGate !== undefined) new EcsDeploymentGate(billing, 'Ecs', { trust });
if (changes.secondGate !== undefined) new PipelineGate(shop, 'Pipeline', { trust });

for (const stack of fails === undefined ? [] : [platform, shop, billing]) {
  const others = stack.node.children.slice();
  new EventBus(stack, 'Last', { eventBusName: TAKEN }).node.addDependency(...others);
}
