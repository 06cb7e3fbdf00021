import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { ImagePolicy, ImageTrust, Importer, PolicyRule, RepositorySelector } from '../../../../src';
import { signingByYear } from '../signing-by-year';

/**
 * The app of the team that runs the trust, with a key that is replaced. `LABEL` is a label that images need.
 * `NAME` names the trust, its keys and its repositories, `IMPORTER` an account or organization that may ask
 * it, `FORWARDED` a repository of another account: `<account>/<name>`.
 */
const { LABEL, NAME, IMPORTER, FORWARDED } = process.env;
const platform = new Stack(new App(), 'Platform', { stackName: `ImportPlatform-${NAME}` });
const trust = new ImageTrust(platform, 'Trust', {
  repositories: [
    RepositorySelector.prefix(`${NAME}/`),
    ...(FORWARDED === undefined ? [] : [ofOtherAccount(FORWARDED)]),
  ],
  publishedAs: NAME,
  importers: IMPORTER === undefined ? [] : [importer(IMPORTER)],
  policy: ImagePolicy.of({
    name: 'platform',
    rules: [
      PolicyRule.vulnerabilities(),
      PolicyRule.coverage(),
      ...(LABEL === undefined ? [] : [PolicyRule.requiredLabels([LABEL])]),
    ],
  }),
  signing: signingByYear(platform, NAME!),
  removalPolicy: RemovalPolicy.DESTROY,
});
new CfnOutput(platform, 'Register', { value: trust.register.table.tableName });
new CfnOutput(platform, 'OwnRequests', { value: trust.scanner.requests.queueUrl });

function ofOtherAccount(repository: string): RepositorySelector {
  const [account, ...name] = repository.split('/');
  return RepositorySelector.name(name.join('/')).inAccount(account!);
}

function importer(id: string): Importer {
  return id.startsWith('o-') ? Importer.organization(id) : Importer.account(id);
}
