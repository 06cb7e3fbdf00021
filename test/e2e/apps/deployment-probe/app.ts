import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  EvidenceBucket,
  ImageScanner,
  PolicyStore,
  RepositorySelector,
  TrustRegister,
  VulnerabilityDatabase,
} from '../../../../src';

/** A scanner of every repository, with databases that are there or not. */
const app = new App();
const stack = new Stack(app, 'DeploymentProbe');
const removalPolicy = RemovalPolicy.DESTROY;
const database = app.node.tryGetContext('database') as string | undefined;
new ImageScanner(stack, 'Scanner', {
  repositories: [RepositorySelector.all()],
  register: new TrustRegister(stack, 'Register', { removalPolicy }),
  policies: new PolicyStore(stack, 'Policies', { removalPolicy }),
  evidence: new EvidenceBucket(stack, 'Evidence', { removalPolicy }),
  ...(database !== undefined && {
    database: VulnerabilityDatabase.fromRepositories({ vulnerabilities: [database] }),
  }),
});
