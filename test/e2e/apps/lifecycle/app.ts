import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  ImagePolicy,
  ImageTrust,
  PolicyRule,
  RepositorySelector,
  SignatureWithdrawal,
} from '../../../../src';

/**
 * One more trust in the account, whose policy the test changes: `LENIENT=1` asks only for what every image of
 * the zoo has.
 */
const stack = new Stack(new App(), 'Lifecycle');
const lenient = ImagePolicy.of({ name: 'lenient', rules: [PolicyRule.coverage(), PolicyRule.secrets()] });
const trust = new ImageTrust(stack, 'Trust', {
  repositories: [RepositorySelector.prefix('lifecycle/')],
  policy: process.env.LENIENT === '1' ? lenient : ImagePolicy.standard(),
  removalPolicy: RemovalPolicy.DESTROY,
});
const { signer, register, events, alerts } = trust;
new SignatureWithdrawal(stack, 'Withdrawal', { signer, register, events, alerts });
new CfnOutput(stack, 'SigningKey', { value: signer.key.key.keyArn });
new CfnOutput(stack, 'Register', { value: register.table.tableName });
