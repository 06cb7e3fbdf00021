import { App, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  ImageTrust,
  PullThroughCache,
  RepositorySelector,
  ScannerImage,
  VulnerabilityDatabase,
} from '../../../../src';

const app = new App();
/** The digest of the image that stands for Trivy's. */
const scanner = String(app.node.tryGetContext('scanner'));

/** Builds that pull nothing from public registries. */
const cached = new Stack(app, 'PullThrough');
const cache = new PullThroughCache(cached, 'Cache', { prefix: 'caches/public' });
const trust = new ImageTrust(cached, 'Trust', {
  repositories: [RepositorySelector.prefix('through/')],
  scannerImage: ScannerImage.fromPullThroughCache(cache, scanner),
  database: VulnerabilityDatabase.fromPullThroughCache(cache),
  removalPolicy: RemovalPolicy.DESTROY,
});
new CfnOutput(cached, 'Register', { value: trust.register.table.tableName });

/** Builds that pull the databases as they do by default, for a short time. */
const direct = new Stack(app, 'PullDirectly');
const other = new ImageTrust(direct, 'Trust', {
  repositories: [RepositorySelector.prefix('directly/')],
  scannerImage: ScannerImage.fromRegistry(`registry.example.com/trivy@${scanner}`),
  timeout: Duration.minutes(5),
  removalPolicy: RemovalPolicy.DESTROY,
});
new CfnOutput(direct, 'Register', { value: other.register.table.tableName });
