import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import {
  ImagePolicy,
  ImageTrust,
  Importer,
  PolicyRule,
  RepositorySelector,
  SigningKey,
} from '../../../../src';

/**
 * The app of the team that runs the trust. `YEAR` names the key that signs, `FORMER` is the ARN of the one
 * before, while gates believe it. `LABEL` is a label that images need. `NAME` names the trust, its keys and
 * its repositories, `IMPORTER` an account that may ask it.
 */
const { YEAR, FORMER, LABEL, NAME, IMPORTER } = process.env;
const platform = new Stack(new App(), 'Platform', { stackName: `ImportPlatform-${NAME}` });
const trust = new ImageTrust(platform, 'Trust', {
  repositories: [RepositorySelector.prefix(`${NAME}/`)],
  publishedAs: NAME,
  importers: IMPORTER === undefined ? [] : [Importer.account(IMPORTER)],
  policy: ImagePolicy.of({
    name: 'platform',
    rules: [
      PolicyRule.vulnerabilities(),
      PolicyRule.coverage(),
      ...(LABEL === undefined ? [] : [PolicyRule.requiredLabels([LABEL])]),
    ],
  }),
  signing: {
    key: new SigningKey(platform, `SigningKey${YEAR}`, { aliasName: `${NAME}-${YEAR}` }),
    formerKeys:
      FORMER === undefined
        ? []
        : [
            {
              key: Key.fromKeyArn(platform, 'Former', FORMER),
              acceptedUntil: new Date(Date.now() + 4 * 86_400_000).toISOString(),
            },
          ],
  },
  removalPolicy: RemovalPolicy.DESTROY,
});
new CfnOutput(platform, 'Register', { value: trust.register.table.tableName });
