import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import {
  EcsDeploymentGate,
  ImageArchive,
  ImagePolicy,
  ImageTrust,
  PolicyRule,
  RepositorySelector,
  RevocationBrake,
  SecurityHubFindings,
  SignatureWithdrawal,
  VulnerabilitySeverity,
} from '../../../../src';

/**
 * `STRICT` refuses images of the zoo. `LENIENT` asks only for what every image of the zoo has. The mistakes
 * require a label that none has: `FIRST` of some repositories, `ALL` of each.
 */
export type Policies = 'STRICT' | 'LENIENT' | 'FIRST' | 'ALL';

const LENIENT = ImagePolicy.of({ name: 'lenient', rules: [PolicyRule.coverage(), PolicyRule.secrets()] });
const MISTAKE = ImagePolicy.of({
  name: 'mistake',
  rules: [
    PolicyRule.coverage(),
    PolicyRule.secrets(),
    PolicyRule.vulnerabilities({ severities: [VulnerabilitySeverity.CRITICAL] }),
    PolicyRule.requiredLabels(['team.example/owner']),
  ],
});
const policies = process.env.POLICIES as Policies;

/** One more trust in the account, whose policy the test changes. */
const stack = new Stack(new App(), 'Lifecycle');
const trust = new ImageTrust(stack, 'Trust', {
  repositories: [RepositorySelector.prefix('lifecycle/')],
  policy: { STRICT: ImagePolicy.standard(), LENIENT, FIRST: LENIENT, ALL: MISTAKE }[policies],
  ...(policies === 'FIRST' && {
    repositoryPolicies: [{ repositories: [RepositorySelector.prefix('lifecycle/first-')], policy: MISTAKE }],
  }),
  revocationBrake: RevocationBrake.above(20),
  removalPolicy: RemovalPolicy.DESTROY,
});
const { signer, register, events, alerts, evaluator, breakGlass } = trust;
new SignatureWithdrawal(stack, 'Withdrawal', { signer, register, events, alerts });
new SecurityHubFindings(stack, 'Hub', { events, register, alerts });
const repositories = [RepositorySelector.prefix('lifecycle/first-')];
new ImageArchive(stack, 'Archive', { repositories, register, events, alerts });
new EcsDeploymentGate(stack, 'Gate', { trust });
const onCall = new Role(stack, 'OnCall', { assumedBy: new AccountRootPrincipal() });
evaluator.grantReleaseBrake(onCall);
breakGlass.grantBreakGlass(onCall);
onCall.addToPolicy(
  new PolicyStatement({
    actions: ['DescribeStacks', 'GetTemplate', 'ListStackResources'].map(each => `cloudformation:${each}`),
    resources: ['*'],
  }),
);
new CfnOutput(stack, 'SigningKey', { value: signer.key.key.keyArn });
new CfnOutput(stack, 'Register', { value: register.table.tableName });
