import { App, Stack } from 'aws-cdk-lib';
import { AccountPrincipal } from 'aws-cdk-lib/aws-iam';
import { ImagePolicy, ImageTrust, Importer, RepositorySelector, SigningKey } from 'cdk-trusted-images';

/** Of the team of `team-python`. The team of `team-typescript` deploys to the account of the platform. */
const OTHER_ACCOUNT = '222222222222';

export const app = new App();
const platform = new Stack(app, 'Platform');

const trust = new ImageTrust(platform, 'Trust', {
  repositories: [RepositorySelector.prefix('teams/')],
  publishedAs: 'platform',
  importers: [Importer.account(OTHER_ACCOUNT)],
  policy: ImagePolicy.standard(),
  signing: { key: new SigningKey(platform, 'SigningKey2026', { aliasName: 'platform-2026' }) },
});

trust.addRepository('Web', { repositoryName: 'teams/web' });
const jobs = trust.addRepository('Jobs', { repositoryName: 'teams/jobs' });
jobs.repository.grantPull(new AccountPrincipal(OTHER_ACCOUNT));
