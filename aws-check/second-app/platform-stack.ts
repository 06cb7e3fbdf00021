import { join } from 'node:path';
import { CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { secondNames, type SecondApp } from './names';
import {
  ImagePolicy,
  ImageTrust,
  PolicyRule,
  PullThroughCache,
  RegoSource,
  RepositorySelector,
  ScannerImage,
  SigningKey,
  VulnerabilityDatabase,
} from '../../src';

const DAY = 86_400_000;

/** A trust with what the quickstart leaves out: a pull-through cache, Rego, and a key that is replaced. */
export function platformStack(scope: Construct, { id, year, formerKey, cachesScanner }: SecondApp): Stack {
  const names = secondNames(id);
  const stack = new Stack(scope, names.platform);
  const cache = new PullThroughCache(stack, 'Cache', { prefix: names.cache });
  const trust = new ImageTrust(stack, 'Trust', {
    repositories: [RepositorySelector.name(names.repository)],
    policy: ImagePolicy.of({
      name: 'aws-check',
      rules: [PolicyRule.rego(RegoSource.fromFile(join(__dirname, 'no-fixable-critical.rego')))],
    }),
    database: VulnerabilityDatabase.fromPullThroughCache(cache),
    ...(cachesScanner && { scannerImage: ScannerImage.fromPullThroughCache(cache) }),
    publishedAs: names.ecs,
    signing: {
      key: new SigningKey(stack, `SigningKey${year}`, { aliasName: names.key(year) }),
      formerKeys:
        formerKey === undefined
          ? []
          : [
              {
                key: Key.fromKeyArn(stack, 'FormerKey', formerKey),
                acceptedUntil: new Date(Date.now() + 4 * DAY).toISOString(),
              },
            ],
    },
    removalPolicy: RemovalPolicy.DESTROY,
  });
  new CfnOutput(stack, 'Register', { value: trust.register.table.tableName });
  return stack;
}
